/** The module `gameball`: what the shop's database keeps for Gameball, and the loop that delivers it. */

import { Module } from "@medusajs/framework/utils";
import GameballModuleService from "./service";

export const GAMEBALL_MODULE = "gameball";

export default Module(GAMEBALL_MODULE, { service: GameballModuleService });
