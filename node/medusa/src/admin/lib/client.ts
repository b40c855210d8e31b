/** How the pages ask the plugin's routes. */

import Medusa from "@medusajs/js-sdk";

const sdk = new Medusa({
  baseUrl: __BACKEND_URL__ || "/",
  auth: { type: __AUTH_TYPE__ ?? "session", jwtTokenStorageKey: __JWT_TOKEN_STORAGE_KEY__ || undefined },
});

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export async function get<Answer>(path: string, query: Query = {}): Promise<Answer> {
  return await sdk.client.fetch<Answer>(`/admin/gameball/${path}`, { query });
}

export async function post<Answer>(path: string, body: object = {}): Promise<Answer> {
  return await sdk.client.fetch<Answer>(`/admin/gameball/${path}`, { method: "POST", body });
}

/** What the server said of a failure; "" if it said nothing. */
export function said(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

/** Whether there is no such thing. */
export function isMissing(error: unknown): boolean {
  return (error as { status?: unknown } | null)?.status === 404;
}
