/** What is wider than a narrow screen, such as a table: it scrolls by itself, by the keyboard too. */

import type { ReactNode } from "react";

export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no group of fields
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <div className="overflow-x-auto" role="group" tabIndex={0} aria-label={label}>
      <div className="min-w-[40rem]">{children}</div>
    </div>
  );
}
