/** Referred friends per day as stacked bars, and the same as a table. */

import { Table, Text } from "@medusajs/ui";
import { useState } from "react";
import type { Day } from "../../api/admin/gameball/contract.js";
import { useTexts } from "../lib/texts.js";
import { dayOf } from "../lib/times.js";
import { RECEIPT_COLOUR, RECEIPTS } from "../lib/tones.js";
import { Scroll } from "./scroll.js";

const HEIGHT = 160;
const WIDTH = 900;

export function total(day: Day): number {
  return RECEIPTS.reduce((sum, receipt) => sum + day[receipt], 0);
}

/** The lowest of 4, 10, 20, 50, 100 … that is no less: its half is a whole number, too. */
function ceiling(most: number): number {
  let step = 10;
  while (step * 5 < most) step *= 10;
  return [4, step, step * 2, step * 5].find((mark) => mark >= most) ?? step * 10;
}

export function ReceiptsChart({ days }: { days: readonly Day[] }) {
  const { t, language } = useTexts();
  const [pointed, setPointed] = useState<Day | null>(null);
  const top = ceiling(Math.max(...days.map(total), 0));
  const slot = WIDTH / Math.max(days.length, 1);
  const gap = Math.min(slot * 0.25, 6);
  const middle = days[Math.floor(days.length / 2)];
  return (
    <figure className="px-6 py-4">
      <div className="flex gap-2">
        <div
          aria-hidden
          className="txt-compact-xsmall text-ui-fg-subtle flex flex-col justify-between text-right"
          style={{ height: HEIGHT }}
        >
          <span>{top}</span>
          <span>{top / 2}</span>
          <span>0</span>
        </div>
        <div className="min-w-0 flex-1">
          <svg
            role="img"
            aria-label={t("dashboard.chart")}
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            className="w-full"
            style={{ height: HEIGHT }}
            onPointerLeave={() => setPointed(null)}
          >
            {[0, 0.5, 1].map((part) => (
              <line
                key={part}
                x1={0}
                x2={WIDTH}
                y1={HEIGHT * part}
                y2={HEIGHT * part}
                stroke="var(--border-base)"
                strokeWidth={1}
                vectorEffect="non-scaling-stroke"
              />
            ))}
            {days.map((day, index) => (
              <Bar
                key={day.day}
                day={day}
                x={index * slot}
                slot={slot}
                gap={gap}
                top={top}
                point={() => setPointed(day)}
              />
            ))}
          </svg>
          <div aria-hidden className="txt-compact-xsmall text-ui-fg-subtle mt-1 flex justify-between">
            <span>{days[0] ? dayOf(days[0].day, language) : ""}</span>
            <span>{middle ? dayOf(middle.day, language) : ""}</span>
            <span>{days.length > 0 ? dayOf((days.at(-1) as Day).day, language) : ""}</span>
          </div>
        </div>
      </div>
      <Legend day={pointed} days={days} />
    </figure>
  );
}

interface BarProps {
  day: Day;
  x: number;
  slot: number;
  gap: number;
  top: number;
  point: () => void;
}

function Bar({ day, x, slot, gap, top, point }: BarProps) {
  let below = 0;
  return (
    <g onPointerEnter={point}>
      <rect x={x} y={0} width={slot} height={HEIGHT} fill="transparent" />
      {RECEIPTS.map((receipt) => {
        const height = (day[receipt] / top) * HEIGHT;
        below += height;
        return height === 0 ? null : (
          <rect
            key={receipt}
            x={x + gap / 2}
            y={HEIGHT - below}
            width={slot - gap}
            height={height}
            fill={RECEIPT_COLOUR[receipt]}
          />
        );
      })}
    </g>
  );
}

/** Of the day that is pointed at, or of all days. */
function Legend({ day, days }: { day: Day | null; days: readonly Day[] }) {
  const { t, language } = useTexts();
  const shown = day === null ? days : [day];
  return (
    <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-1">
      {RECEIPTS.map((receipt) => (
        <span key={receipt} className="txt-compact-small text-ui-fg-subtle flex items-center gap-1.5">
          <span aria-hidden className="size-2.5 rounded-sm" style={{ background: RECEIPT_COLOUR[receipt] }} />
          {t(`receipt.${receipt}`)}{" "}
          <span className="text-ui-fg-base tabular-nums">
            {shown.reduce((sum, each) => sum + each[receipt], 0)}
          </span>
        </span>
      ))}
      {day ? (
        <Text as="span" size="small" leading="compact" className="text-ui-fg-subtle">
          {t("dashboard.bar", { day: dayOf(day.day, language), count: total(day) })}
        </Text>
      ) : null}
    </div>
  );
}

/** The same for those who read, rather than look. */
export function ReceiptsTable({ days }: { days: readonly Day[] }) {
  const { t, language } = useTexts();
  const busy = days.filter((day) => total(day) > 0).reverse();
  return (
    <details className="px-6 py-4">
      <summary className="txt-compact-small text-ui-fg-subtle cursor-pointer">
        {t("dashboard.asTable")}
      </summary>
      <div className="mt-3">
        <Scroll label={t("dashboard.asTable")}>
          <Table>
            <Table.Header>
              <Table.Row>
                <Table.HeaderCell>{t("dashboard.day")}</Table.HeaderCell>
                {RECEIPTS.map((receipt) => (
                  <Table.HeaderCell key={receipt} className="text-right">
                    {t(`receipt.${receipt}`)}
                  </Table.HeaderCell>
                ))}
                <Table.HeaderCell className="text-right">{t("dashboard.total")}</Table.HeaderCell>
              </Table.Row>
            </Table.Header>
            <Table.Body>
              {busy.map((day) => (
                <Table.Row key={day.day}>
                  <Table.Cell>{dayOf(day.day, language)}</Table.Cell>
                  {RECEIPTS.map((receipt) => (
                    <Table.Cell key={receipt} className="text-right tabular-nums">
                      {day[receipt]}
                    </Table.Cell>
                  ))}
                  <Table.Cell className="text-right tabular-nums">{total(day)}</Table.Cell>
                </Table.Row>
              ))}
            </Table.Body>
          </Table>
        </Scroll>
      </div>
    </details>
  );
}
