/** Writes an order down for Gameball, if it counts yet; its customer's creation before it. */

import { createWorkflow, WorkflowResponse } from "@medusajs/framework/workflows-sdk";
import { recordOrderStep } from "./steps/record";

const recordOrderWorkflow = createWorkflow("gameball-record-order", (input: { order_id: string }) => {
  return new WorkflowResponse(recordOrderStep(input));
});

export default recordOrderWorkflow;
