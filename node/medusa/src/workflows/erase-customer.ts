/** Forgets a customer here and at Gameball; their row in Medusa is the shop's own business. */

import { createWorkflow, WorkflowResponse } from "@medusajs/framework/workflows-sdk";
import { eraseCustomerStep } from "./steps/record";

const eraseCustomerWorkflow = createWorkflow("gameball-erase-customer", (input: { customer_id: string }) => {
  return new WorkflowResponse(eraseCustomerStep(input));
});

export default eraseCustomerWorkflow;
