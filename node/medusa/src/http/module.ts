/** The module, as a route finds it. */

import type { MedusaRequest } from "@medusajs/framework/http";
import { GAMEBALL_MODULE } from "../modules/gameball";
import type GameballModuleService from "../modules/gameball/service";

export function gameballOf(req: MedusaRequest): GameballModuleService {
  return req.scope.resolve<GameballModuleService>(GAMEBALL_MODULE);
}
