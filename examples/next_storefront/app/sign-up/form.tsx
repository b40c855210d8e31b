"use client";

import { useActionState } from "react";
import { CodeField } from "@/components/code-field";
import { Field } from "@/components/field";
import { signUp } from "./actions";

export function SignUpForm({ code }: { code: string }) {
  const [errors, act, isPending] = useActionState(signUp, {});
  return (
    <form action={act}>
      <Field name="username" label="Username" autoComplete="username" errors={errors.username} />
      <Field name="email" label="E-mail" type="email" autoComplete="email" errors={errors.email} />
      <Field
        name="password"
        label="Password"
        type="password"
        autoComplete="new-password"
        errors={errors.password1 ?? errors.password2}
      />
      <CodeField code={code} errors={errors.referrer_code} />
      <button type="submit" className="button" disabled={isPending}>
        Sign up
      </button>
      <p className="help">
        You have an account? <a href="/log-in">Log in</a>
      </p>
    </form>
  );
}
