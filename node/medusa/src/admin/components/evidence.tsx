/** The answer to "why did this friend (not) count?": the verdict, what to do, and the dated steps. */

import { StatusBadge, Text } from "@medusajs/ui";
import { useId } from "react";
import type { Evidence, Referral, Step } from "../../api/admin/gameball/contract.js";
import { useTexts } from "../lib/texts.js";
import { BADGE, COLOUR } from "../lib/tones.js";
import { Copyable } from "./copyable.js";
import { Moment } from "./moment.js";
import { Notice } from "./notice.js";

export function Verdict({ evidence }: { evidence: Evidence }) {
  return <Notice tone={evidence.tone} title={evidence.verdict} why={evidence.why} advice={evidence.advice} />;
}

export function ReceiptBadge({ referral }: { referral: Referral }) {
  const { t } = useTexts();
  return (
    <StatusBadge color={BADGE[referral.tone]} className="whitespace-nowrap">
      {t(`receipt.${referral.receipt ?? "pending"}`)}
    </StatusBadge>
  );
}

export function Steps({ steps }: { steps: readonly Step[] }) {
  const { t } = useTexts();
  const id = useId();
  if (steps.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby={id}>
      <Text id={id} size="small" weight="plus" className="text-ui-fg-base mb-3">
        {t("evidence.steps")}
      </Text>
      <ol className="flex flex-col">
        {steps.map((step, index) => (
          <StepItem key={`${index}-${step.at}`} step={step} last={index === steps.length - 1} />
        ))}
      </ol>
    </section>
  );
}

function StepItem({ step, last }: { step: Step; last: boolean }) {
  const { t } = useTexts();
  return (
    <li className="relative flex gap-3 pb-4 last:pb-0">
      {last ? null : (
        <span aria-hidden className="bg-ui-border-base absolute bottom-0 left-[5px] top-4 w-px" />
      )}
      <span
        aria-hidden
        className="mt-1.5 size-[11px] shrink-0 rounded-full border-2"
        style={{ borderColor: COLOUR[step.tone], background: step.now ? "transparent" : COLOUR[step.tone] }}
      />
      <div className="flex min-w-0 flex-1 flex-col">
        <Text size="small" weight="plus" className="text-ui-fg-base text-pretty">
          {step.title}
        </Text>
        {step.now ? null : (
          <span className="txt-compact-small text-ui-fg-subtle">
            {step.at ? <Moment at={step.at} full /> : t("evidence.undated")}
          </span>
        )}
        {step.detail ? (
          <Text size="small" className="text-ui-fg-subtle text-pretty">
            {step.detail}
          </Text>
        ) : null}
        {step.request_id ? (
          <span className="txt-compact-small text-ui-fg-subtle mt-1 flex flex-wrap items-center gap-x-2">
            {t("common.requestId")} <Copyable value={step.request_id} what={t("common.requestId")} />
          </span>
        ) : null}
      </div>
    </li>
  );
}
