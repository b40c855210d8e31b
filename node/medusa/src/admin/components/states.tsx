/** What stands in a page's place while it loads, when it cannot be loaded, and where there is nothing to show. */

import { ExclamationCircle } from "@medusajs/icons";
import { Button, Container, Skeleton, Text } from "@medusajs/ui";
import type { ReactNode } from "react";
import { said } from "../lib/client.js";
import { useTexts } from "../lib/texts.js";

/** Grey shapes of about the height of what comes. */
export function Loading({ rows = 4 }: { rows?: number }) {
  const { t } = useTexts();
  const shapes = Array.from({ length: rows }, (_, row) => `row-${row}`);
  return (
    <Container className="divide-y p-0" aria-busy="true" data-gameball="">
      <span className="sr-only" role="status">
        {t("common.loading")}
      </span>
      <div className="px-6 py-4">
        <Skeleton className="h-7 w-48" />
      </div>
      {shapes.map((shape) => (
        <div key={shape} className="grid grid-cols-2 gap-4 px-6 py-4">
          <Skeleton className="h-5 w-32" />
          <Skeleton className="h-5 w-full max-w-64" />
        </div>
      ))}
    </Container>
  );
}

/** What failed, in the server's words, and a way to try again. */
export function Failure({ error, again, title }: { error: unknown; again?: () => unknown; title?: string }) {
  const { t } = useTexts();
  return (
    <Container className="p-0" data-gameball="">
      <div className="flex flex-col items-center gap-3 px-6 py-12 text-center" role="alert">
        <ExclamationCircle className="text-ui-tag-red-icon" aria-hidden />
        <div>
          <Text weight="plus" size="small" leading="compact">
            {title ?? t("common.failed")}
          </Text>
          <Text size="small" className="text-ui-fg-subtle mt-1 max-w-md text-pretty">
            {said(error) || t("common.failedUnknown")}
          </Text>
        </div>
        {again ? (
          <Button size="small" variant="secondary" onClick={() => again()}>
            {t("common.tryAgain")}
          </Button>
        ) : null}
      </div>
    </Container>
  );
}

/** Nothing to show, and what makes something appear. */
export function Empty({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-12 text-center">
      <div>
        <Text weight="plus" size="small" leading="compact">
          {title}
        </Text>
        {hint ? (
          <Text size="small" className="text-ui-fg-subtle mt-1 max-w-md text-pretty">
            {hint}
          </Text>
        ) : null}
      </div>
      {children}
    </div>
  );
}
