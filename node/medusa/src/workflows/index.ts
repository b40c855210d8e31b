/** The plugin's workflows, for shops that call them from their own. */

export { default as eraseCustomerWorkflow } from "./erase-customer";
export { default as recordCustomerWorkflow } from "./record-customer";
export { default as recordOrderWorkflow } from "./record-order";
export { default as updateSettingsWorkflow } from "./update-settings";
