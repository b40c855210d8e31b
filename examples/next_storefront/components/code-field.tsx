"use client";

import { storeClient, type Validity } from "gameball-referrals/storefront";
import { useEffect, useState } from "react";
import { Field } from "./field";

const PAUSE_MS = 500;
const SAYS: Record<Validity, string> = {
  valid: "✓ This code is known.",
  invalid: "Nobody has this code. Check it, or go on without.",
  unknown: "",
};

const gameball = storeClient();

/** A field for a code that was told rather than clicked; it says while one types whether Gameball knows it. */
export function CodeField({ code, errors }: { code: string; errors?: string[] }) {
  const [typed, setTyped] = useState(code);
  const [said, setSaid] = useState<Validity>("unknown");

  useEffect(() => {
    setSaid("unknown");
    if (typed.trim() === "" || typed === code) return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      gameball.validate(typed).then(
        (validity) => isCurrent && setSaid(validity),
        () => {}, // Offline, or asked too often: the form works without.
      );
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [typed, code]);

  return (
    <>
      <input type="hidden" name="initial_code" value={code} />
      <Field
        name="referrer_code"
        label="Referral code"
        help="If a friend invited you: their code, or their link."
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        errors={errors}
        status={SAYS[said]}
      />
    </>
  );
}
