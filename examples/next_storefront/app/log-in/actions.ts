"use server";

import { redirect } from "next/navigation";
import { ask } from "@/lib/backend";

/** Logs in at the back end; returns what is wrong. */
export async function logIn(_: string, form: FormData): Promise<string> {
  const { status, told } = await ask<{ errors: { __all__?: string[] } }>("/api/log-in/", {
    username: form.get("username"),
    password: form.get("password"),
  });
  if (status !== 200) return told.errors.__all__?.join(" ") ?? "That did not work.";
  redirect("/account");
}
