/** One section of a page, and its rows, as Medusa's own pages have them. */

import { Container, clx, Heading, Text } from "@medusajs/ui";
import { type ReactNode, useId } from "react";

interface SectionProps {
  title: ReactNode;
  hint?: ReactNode;
  /** Beside the title: badges and buttons. */
  actions?: ReactNode;
  level?: "h1" | "h2";
  children?: ReactNode;
}

export function Section({ title, hint, actions, level = "h2", children }: SectionProps) {
  const id = useId();
  return (
    <Container className="divide-y p-0" role="region" aria-labelledby={id} data-gameball="">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-6 py-4">
        <div className="min-w-0">
          <Heading level={level} id={id}>
            {title}
          </Heading>
          {hint ? (
            <Text size="small" className="text-ui-fg-subtle text-pretty">
              {hint}
            </Text>
          ) : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
      {children}
    </Container>
  );
}

/** A fact: its name, and its value. */
export function Row({ name, hint, children }: { name: ReactNode; hint?: ReactNode; children: ReactNode }) {
  return (
    <div className="text-ui-fg-subtle grid grid-cols-1 gap-x-4 gap-y-1 px-6 py-4 sm:grid-cols-2 sm:items-center">
      <dt>
        <Text as="span" size="small" weight="plus" leading="compact">
          {name}
        </Text>
        {hint ? (
          <Text as="span" size="small" leading="compact" className="mt-1 block text-pretty">
            {hint}
          </Text>
        ) : null}
      </dt>
      <dd className="txt-compact-small flex min-w-0 flex-wrap items-center gap-2 break-words">{children}</dd>
    </div>
  );
}

/** Facts below each other. */
export function Rows({ children, className }: { children: ReactNode; className?: string }) {
  return <dl className={clx("divide-y", className)}>{children}</dl>;
}
