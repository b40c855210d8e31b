/** Writes a customer's creation down for Gameball. Its record holds ids and keys of rows, nothing personal. */

import { createWorkflow, WorkflowResponse } from "@medusajs/framework/workflows-sdk";
import { recordCustomerStep } from "./steps/record";

const recordCustomerWorkflow = createWorkflow(
  "gameball-record-customer",
  (input: { customer_id: string }) => {
    return new WorkflowResponse(recordCustomerStep(input));
  },
);

export default recordCustomerWorkflow;
