"use client";

import { useActionState } from "react";
import { Field } from "@/components/field";
import { logIn } from "./actions";

export function LogInForm() {
  const [error, act, isPending] = useActionState(logIn, "");
  return (
    <form action={act}>
      <Field name="username" label="Username" autoComplete="username" />
      <Field
        name="password"
        label="Password"
        type="password"
        autoComplete="current-password"
        errors={error ? [error] : []}
      />
      <button type="submit" className="button" disabled={isPending}>
        Log in
      </button>
    </form>
  );
}
