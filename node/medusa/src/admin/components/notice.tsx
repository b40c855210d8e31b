/** Something that one has to know: a title, why, and what to do, with a colour that repeats the words. */

import {
  CheckCircleSolid,
  ClockSolid,
  ExclamationCircleSolid,
  InformationCircleSolid,
  XCircleSolid,
} from "@medusajs/icons";
import { Text } from "@medusajs/ui";
import type { ReactNode } from "react";
import type { Advice, Tone } from "../../api/admin/gameball/contract.js";
import { COLOUR } from "../lib/tones.js";
import { AdviceList } from "./advice.js";

const ICONS = {
  good: CheckCircleSolid,
  bad: XCircleSolid,
  warn: ExclamationCircleSolid,
  wait: ClockSolid,
  quiet: InformationCircleSolid,
} as const;

interface NoticeProps {
  tone: Tone;
  title: ReactNode;
  why?: ReactNode;
  advice?: readonly Advice[];
  children?: ReactNode;
}

export function Notice({ tone, title, why, advice = [], children }: NoticeProps) {
  const Icon = ICONS[tone];
  return (
    <div className="bg-ui-bg-subtle flex gap-3 rounded-lg border p-4">
      <Icon aria-hidden className="mt-px shrink-0" style={{ color: COLOUR[tone] }} />
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <Text size="small" weight="plus" className="text-ui-fg-base text-pretty">
          {title}
        </Text>
        {why ? (
          <Text size="small" className="text-ui-fg-subtle text-pretty">
            {why}
          </Text>
        ) : null}
        <AdviceList advice={advice} />
        {children}
      </div>
    </div>
  );
}
