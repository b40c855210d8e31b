"use client";

import { useActionState } from "react";
import { order, register } from "./actions";

export default function Page() {
  const [registered, toRegister] = useActionState(register, "");
  const [ordered, toOrder] = useActionState(order, "");
  return (
    <main>
      <h1>A shop</h1>
      <form id="register" action={toRegister}>
        <label>
          E-mail address <input name="email" type="email" autoComplete="email" required />
        </label>
        <label>
          Password <input name="password" type="password" autoComplete="new-password" required />
        </label>
        <label>
          Referral code, if a friend gave you one <input name="typed" autoComplete="off" />
        </label>
        <button type="submit">Create an account</button>
      </form>
      <form id="order" action={toOrder}>
        <label>
          E-mail address <input name="email" type="email" autoComplete="email" required />
        </label>
        <button type="submit">Order without an account</button>
      </form>
      <output aria-live="polite">{ordered || registered}</output>
    </main>
  );
}
