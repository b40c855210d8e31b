/** What the admin's routes take, checked; the types are the contract's. */

import { MedusaError } from "@medusajs/framework/utils";
import { z } from "@medusajs/framework/zod";

const nullable = <T extends z.ZodTypeAny>(type: T) => type.nullish().transform((value) => value ?? null);
const list = <T extends [string, ...string[]]>(values: T) => {
  const one = z.enum(values);
  return z
    .union([one, z.array(one)])
    .optional()
    .transform((given) => (given === undefined ? [] : ([] as string[]).concat(given)));
};

export const SettingsBody = z
  .object({
    enabled: z.boolean().optional(),
    api_key: z.string().max(500).nullable().optional(),
    secret_key: z.string().max(500).nullable().optional(),
    api_version: z.enum(["v4.0", "v4.1"]).optional(),
    high_security: z.boolean().optional(),
    base_url: z.string().max(500).nullable().optional(),
    attribution: z.enum(["first", "last"]).optional(),
    claim_days: z.number().int().min(1).max(365).optional(),
    referral_link: z.string().max(1000).nullable().optional(),
    send_orders: z.enum(["first", "all"]).optional(),
    order_moment: z.enum(["placed", "captured"]).optional(),
  })
  .strict();

export const DeliveriesParams = z
  .object({
    state: list(["pending", "in_flight", "applied", "dead", "cancelled"]),
    operation: list(["createCustomer", "trackOrder", "getCustomer", "deleteCustomer"]),
    referred: z.enum(["true", "false"]).optional(),
    q: nullable(z.string().trim().max(255)),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  })
  .strict();

export const ActionBody = z.object({ ids: z.array(z.number().int().positive()).min(1).max(500) }).strict();

export const DashboardParams = z
  .object({
    days: z.coerce
      .number()
      .pipe(z.union([z.literal(7), z.literal(30), z.literal(90)]))
      .default(30),
  })
  .strict();

export const ReconcileBody = z.object({ dry_run: z.boolean().optional() }).strict();

/** Reads a body or a query; what is wrong is told without the values, which may be keys. */
export function parsed<T extends z.ZodTypeAny>(type: T, given: unknown): z.infer<T> {
  const result = type.safeParse(given ?? {});
  if (result.success) {
    return result.data as z.infer<T>;
  }
  const [issue] = result.error.issues as unknown as {
    code: string;
    path: (string | number)[];
    keys?: string[];
  }[];
  const where = [
    ...(issue?.path ?? []),
    ...(issue?.code === "unrecognized_keys" ? (issue.keys ?? []) : []),
  ].join(".");
  const what = issue?.code === "unrecognized_keys" ? "is not known" : "has a value that cannot be used";
  throw invalid(`${where || "The body"} ${what}.`);
}

/** An error in Medusa's own form, with the status 400. */
export function invalid(message: string): MedusaError {
  return new MedusaError(MedusaError.Types.INVALID_DATA, message);
}
