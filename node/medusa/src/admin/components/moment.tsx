/** A time for people, as seen from now, and to the second for whoever points at it. */

import { clx } from "@medusajs/ui";
import { useTexts } from "../lib/texts.js";
import { exact, relative } from "../lib/times.js";

interface MomentProps {
  at: string;
  /** With the exact time beside it, rather than in its tooltip alone. */
  full?: boolean;
  className?: string;
}

export function Moment({ at, full = false, className }: MomentProps) {
  const { language } = useTexts();
  return (
    <time dateTime={at} title={exact(at, language)} className={clx("whitespace-nowrap", className)}>
      {relative(at, language)}
      {full ? <span className="text-ui-fg-subtle"> · {exact(at, language)}</span> : null}
    </time>
  );
}
