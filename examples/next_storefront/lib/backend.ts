/** The shop's back end (Django, in this example), asked by the storefront's server in the visitor's name. */

import { cookies } from "next/headers";

const BACKEND = process.env.BACKEND_URL ?? "http://127.0.0.1:8000/";

/** Asks the back end with the visitor's cookies: their session, and the claim of whoever referred them. */
export async function ask<T>(path: string, body?: object): Promise<{ status: number; told: T }> {
  const jar = await cookies();
  const answer = await fetch(new URL(path, BACKEND), {
    method: body ? "POST" : "GET",
    headers: { cookie: jar.toString(), ...(body ? { "content-type": "application/json" } : {}) },
    body: body ? JSON.stringify(body) : undefined,
    cache: "no-store",
  });
  if (body) for (const set of answer.headers.getSetCookie()) keep(jar, set);
  return { status: answer.status, told: await answer.json() };
}

/** Hands a cookie of the back end on to the visitor. */
function keep(jar: Awaited<ReturnType<typeof cookies>>, set: string) {
  const [pair = "", ...attributes] = set.split(";");
  const [name = "", ...value] = pair.split("=");
  const has = (wanted: string) => attributes.find((one) => one.trim().toLowerCase().startsWith(wanted));
  const age = has("max-age=")?.split("=")[1];
  jar.set(name.trim(), value.join("="), {
    httpOnly: has("httponly") !== undefined,
    secure: has("secure") !== undefined,
    sameSite: "lax",
    path: "/",
    ...(age === undefined ? {} : { maxAge: Number(age) }),
  });
}
