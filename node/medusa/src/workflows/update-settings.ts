/** Saves the settings, and restores the former ones if a later step of the caller's fails. Keys come sealed only. */

import {
  createStep,
  createWorkflow,
  StepResponse,
  WorkflowResponse,
} from "@medusajs/framework/workflows-sdk";
import { GAMEBALL_MODULE } from "../modules/gameball";
import { type SettingsColumns, saveSettings } from "../modules/gameball/admin/settings";
import type GameballModuleService from "../modules/gameball/service";

const saveSettingsStep = createStep(
  "gameball-save-settings-step",
  async (columns: SettingsColumns, { container }) => {
    const gameball = container.resolve<GameballModuleService>(GAMEBALL_MODULE);
    const former = await saveSettings(gameball.host, columns);
    gameball.wake();
    return new StepResponse(undefined, former);
  },
  async (former, { container }) => {
    if (former !== undefined) {
      await saveSettings(container.resolve<GameballModuleService>(GAMEBALL_MODULE).host, former);
    }
  },
);

const updateSettingsWorkflow = createWorkflow("gameball-update-settings", (input: SettingsColumns) => {
  return new WorkflowResponse(saveSettingsStep(input));
});

export default updateSettingsWorkflow;
