"use server";

import { redirect } from "next/navigation";
import { ask } from "@/lib/backend";

export type Errors = Record<string, string[] | undefined>;

/** Signs up at the back end, which reads the visitor's claim from the cookie that comes along. */
export async function signUp(_: Errors, form: FormData): Promise<Errors> {
  const { status, told } = await ask<{ errors: Errors }>("/api/sign-up/", {
    username: form.get("username"),
    email: form.get("email"),
    password: form.get("password"),
    referrer_code: form.get("referrer_code"),
    // What the field came filled in with: so that taking a code out is told from never having had one.
    "initial-referrer_code": form.get("initial_code"),
  });
  if (status !== 201) return told.errors;
  redirect("/account");
}
