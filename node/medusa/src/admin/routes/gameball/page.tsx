/** The dashboard: what came of the referrals, what waits, and what the operator has to do. */

import { defineRouteConfig } from "@medusajs/admin-sdk";
import { Users } from "@medusajs/icons";
import { Button, clx, Select, StatusBadge, Table, Text } from "@medusajs/ui";
import { Link, useSearchParams } from "react-router-dom";
import type {
  DashboardAnswer,
  DeliveryOperation,
  Hold,
  Limit,
} from "../../../api/admin/gameball/contract.js";
import { Crumb } from "../../components/crumb.js";
import { CustomerLink } from "../../components/delivery-bits.js";
import { ReceiptBadge } from "../../components/evidence.js";
import { Moment } from "../../components/moment.js";
import { Notice } from "../../components/notice.js";
import { ReceiptsChart, ReceiptsTable, total } from "../../components/receipts-chart.js";
import { Scroll } from "../../components/scroll.js";
import { Row, Rows, Section } from "../../components/section.js";
import { Empty, Failure, Loading } from "../../components/states.js";
import { useDashboard } from "../../lib/data.js";
import { LINK } from "../../lib/styles.js";
import { useTexts } from "../../lib/texts.js";
import { exact, isPast, relative, since } from "../../lib/times.js";

const PERIODS = [7, 30, 90];

export default function Dashboard() {
  const [search, setSearch] = useSearchParams();
  const asked = Number(search.get("days"));
  const days = PERIODS.includes(asked) ? asked : 30;
  const { data, error, isPending, refetch } = useDashboard(days);

  if (isPending) {
    return <Loading rows={8} />;
  }
  if (!data) {
    return <Failure error={error} again={refetch} />;
  }
  const choose = (value: string) => setSearch({ days: value }, { replace: true });
  return (
    <div className="flex flex-col gap-y-3">
      <Overview data={data} days={days} choose={choose} />
      <Receipts data={data} />
      <div className="grid grid-cols-1 gap-3 xl:grid-cols-2 xl:items-start">
        <Queue data={data} />
        <Limits limits={data.limits} holds={data.holds} />
      </div>
      <Recent data={data} />
      <Sync data={data} />
    </div>
  );
}

function Overview({
  data,
  days,
  choose,
}: {
  data: DashboardAnswer;
  days: number;
  choose: (days: string) => void;
}) {
  const { t } = useTexts();
  const { totals } = data;
  const decided = totals.linked + totals.already_referred + totals.rejected + totals.lost + totals.unverified;
  const share = decided === 0 ? null : Math.round((100 * totals.linked) / decided);
  return (
    <Section
      level="h1"
      title={t("dashboard.title")}
      hint={t("dashboard.subtitle")}
      actions={
        <>
          {data.environment === null ? null : (
            <StatusBadge color={data.environment === "live" ? "green" : "orange"}>
              {t(`environment.${data.environment}`)}
            </StatusBadge>
          )}
          <div className="w-28">
            <Select size="small" value={String(days)} onValueChange={choose}>
              <Select.Trigger aria-label={t("dashboard.period")}>
                <Select.Value />
              </Select.Trigger>
              <Select.Content>
                {PERIODS.map((period) => (
                  <Select.Item key={period} value={String(period)}>
                    {t("dashboard.days", { count: period })}
                  </Select.Item>
                ))}
              </Select.Content>
            </Select>
          </div>
          <Button size="small" variant="secondary" asChild>
            <Link to="/gameball/deliveries">{t("dashboard.deliveries")}</Link>
          </Button>
          <Button size="small" variant="secondary" asChild>
            <Link to="/settings/gameball">{t("dashboard.settings")}</Link>
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2 px-6 py-4">
        {data.alerts.length === 0 ? <Notice tone="good" title={t("dashboard.allWell")} /> : null}
        {data.alerts.map((alert) => (
          <Notice key={`${alert.about} ${alert.title}`} {...alert}>
            {alert.about === "failed" ? (
              <Link to="/gameball/deliveries?state=dead" className={clx("txt-small self-start", LINK)}>
                {t("dashboard.showFailed")}
              </Link>
            ) : null}
          </Notice>
        ))}
      </div>
      <dl className="grid grid-cols-2 divide-x lg:grid-cols-4">
        <Figure name={t("dashboard.registered")} value={totals.registered} />
        <Figure
          name={t("dashboard.linked")}
          value={totals.linked}
          more={share === null ? t("dashboard.linkedNone") : t("dashboard.linkedShare", { share })}
        />
        <Figure name={t("dashboard.pending")} value={totals.pending} />
        <Figure name={t("dashboard.late")} value={totals.late} more={t("dashboard.lateHint")} />
      </dl>
    </Section>
  );
}

function Figure({ name, value, more }: { name: string; value: number; more?: string }) {
  const { language } = useTexts();
  return (
    <div className="flex flex-col px-6 py-4">
      <dt className="txt-compact-small text-ui-fg-subtle">{name}</dt>
      <dd className="text-ui-fg-base text-2xl font-medium tabular-nums">{value.toLocaleString(language)}</dd>
      {more ? <dd className="txt-compact-small text-ui-fg-subtle">{more}</dd> : null}
    </div>
  );
}

function Receipts({ data }: { data: DashboardAnswer }) {
  const { t } = useTexts();
  const any = data.receipts.some((day) => total(day) > 0);
  return (
    <Section title={t("dashboard.receipts")} hint={t("dashboard.receiptsHint")}>
      {any ? (
        <>
          <ReceiptsChart days={data.receipts} />
          <ReceiptsTable days={data.receipts} />
        </>
      ) : (
        <Empty title={t("dashboard.receiptsEmpty")} hint={t("dashboard.receiptsEmptyHint")} />
      )}
    </Section>
  );
}

const OPERATIONS: readonly DeliveryOperation[] = [
  "createCustomer",
  "trackOrder",
  "getCustomer",
  "deleteCustomer",
];

function Queue({ data }: { data: DashboardAnswer }) {
  const { t, language } = useTexts();
  const { backlog, now } = data;
  const waiting = OPERATIONS.reduce((sum, operation) => sum + (backlog.waiting[operation] ?? 0), 0);
  return (
    <Section title={t("dashboard.queue")}>
      <Rows>
        <Row name={t("dashboard.waiting")}>
          <Count value={waiting} to="/gameball/deliveries?state=pending" />
        </Row>
        <Row name={t("dashboard.inFlight")}>
          <Count value={backlog.in_flight} to="/gameball/deliveries?state=in_flight" />
        </Row>
        <Row name={t("dashboard.failedCount")}>
          <Count value={backlog.failed} to="/gameball/deliveries?state=dead" />
        </Row>
        <Row name={t("dashboard.oldest")}>
          {backlog.due_since === null ? (
            t("dashboard.nothingDue")
          ) : (
            <span className="text-ui-fg-base" title={exact(backlog.due_since, language)}>
              {since(backlog.due_since, language, Date.parse(now))}
            </span>
          )}
        </Row>
        <Row name={t("dashboard.misses")}>
          {backlog.misses === 0 ? (
            t("dashboard.missesNone")
          ) : (
            <StatusBadge color="red">{backlog.misses.toLocaleString(language)}</StatusBadge>
          )}
        </Row>
        <Row name={t("dashboard.clears")}>
          {waiting === 0
            ? t("dashboard.clearsNow")
            : backlog.clears_at === null
              ? t("dashboard.clearsNever")
              : relative(backlog.clears_at, language, Date.parse(now))}
        </Row>
      </Rows>
    </Section>
  );
}

function Count({ value, to }: { value: number; to: string }) {
  const { language } = useTexts();
  const shown = value.toLocaleString(language);
  if (value === 0) {
    return <span>{shown}</span>;
  }
  return (
    <Link to={to} className={LINK}>
      {shown}
    </Link>
  );
}

function Limits({ limits, holds }: { limits: readonly Limit[]; holds: readonly Hold[] }) {
  const { t, language } = useTexts();
  return (
    <Section title={t("dashboard.limits")} hint={t("dashboard.limitsHint")}>
      <div className="flex flex-col divide-y">
        {limits.map((limit) => {
          const hold = holds.find((each) => each.bucket === limit.bucket);
          return (
            <div key={limit.bucket} className="flex flex-col gap-2 px-6 py-4">
              <Text size="small" weight="plus" leading="compact">
                {limit.label}
              </Text>
              <div className="grid grid-cols-1 gap-x-4 gap-y-2 sm:grid-cols-2">
                <Meter
                  label={t("dashboard.inSecond")}
                  of={limit.label}
                  used={limit.used_short}
                  limit={limit.limit_short}
                />
                <Meter
                  label={t("dashboard.inHalfMinute")}
                  of={limit.label}
                  used={limit.used_long}
                  limit={limit.limit_long}
                />
              </div>
              {limit.paused_until === null || isPast(limit.paused_until) ? null : (
                <Text size="small" className="text-ui-fg-subtle">
                  {t("dashboard.pausedUntil", { when: relative(limit.paused_until, language) })}
                </Text>
              )}
              {hold === undefined ? null : (
                <div className="flex flex-col gap-1">
                  <Text size="small" className="text-ui-fg-base text-pretty">
                    {hold.message}
                  </Text>
                  <Text size="small" className="text-ui-fg-subtle">
                    {t("dashboard.held", {
                      since: exact(hold.since, language),
                      next: isPast(hold.probe_at)
                        ? t("dashboard.withTheNext")
                        : relative(hold.probe_at, language),
                    })}
                  </Text>
                </div>
              )}
            </div>
          );
        })}
      </div>
    </Section>
  );
}

function Meter({ label, of, used, limit }: { label: string; of: string; used: number; limit: number }) {
  const { t, language } = useTexts();
  const share = limit === 0 ? 0 : Math.min(used / limit, 1);
  const colour = share >= 0.9 ? "var(--tag-orange-icon)" : "var(--tag-blue-icon)";
  const told = t("dashboard.usage", {
    used: used.toLocaleString(language),
    limit: limit.toLocaleString(language),
  });
  return (
    <div className="flex flex-col gap-1">
      <div className="txt-compact-small text-ui-fg-subtle flex justify-between">
        <span>{label}</span>
        <span className="tabular-nums">{told}</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: browsers paint a meter element in colours of their own */}
      <div
        role="meter"
        aria-label={`${of}, ${label}`}
        aria-valuemin={0}
        aria-valuemax={limit}
        aria-valuenow={used}
        aria-valuetext={told}
        className="bg-ui-bg-component h-1.5 overflow-hidden rounded-full border"
      >
        <div className="h-full rounded-full" style={{ width: `${share * 100}%`, background: colour }} />
      </div>
    </div>
  );
}

function Recent({ data }: { data: DashboardAnswer }) {
  const { t } = useTexts();
  return (
    <Section title={t("dashboard.recent")}>
      {data.recent.length === 0 ? (
        <Empty title={t("dashboard.recentEmpty")} />
      ) : (
        <Scroll label={t("dashboard.recent")}>
          <Table>
            <Table.Header>
              <Table.Row>
                <Table.HeaderCell>{t("dashboard.friend")}</Table.HeaderCell>
                <Table.HeaderCell>{t("dashboard.code")}</Table.HeaderCell>
                <Table.HeaderCell>{t("dashboard.receipt")}</Table.HeaderCell>
                <Table.HeaderCell>{t("dashboard.registeredAt")}</Table.HeaderCell>
              </Table.Row>
            </Table.Header>
            <Table.Body>
              {data.recent.map((referral) => (
                <Table.Row key={referral.customer_id}>
                  <Table.Cell>
                    <CustomerLink
                      id={referral.customer_id}
                      medusaId={referral.guest ? null : referral.customer_id}
                    />
                  </Table.Cell>
                  <Table.Cell className="font-mono">{referral.referrer_code}</Table.Cell>
                  <Table.Cell>
                    <ReceiptBadge referral={referral} />
                  </Table.Cell>
                  <Table.Cell>
                    <Moment at={referral.registered_at} />
                  </Table.Cell>
                </Table.Row>
              ))}
            </Table.Body>
          </Table>
        </Scroll>
      )}
    </Section>
  );
}

function Sync({ data: { sync } }: { data: DashboardAnswer }) {
  const { t, language } = useTexts();
  if (sync === null) {
    return null;
  }
  const { seen, total: all, sent, skipped, refused } = sync;
  return (
    <Section
      title={t("dashboard.sync")}
      hint={
        sync.finished_at === null
          ? t("dashboard.syncRunning", { when: relative(sync.started_at, language) })
          : t("dashboard.syncDone", { when: relative(sync.finished_at, language) })
      }
    >
      <div className="flex flex-col gap-2 px-6 py-4">
        <Meter label={t("dashboard.syncSeen")} of={t("dashboard.sync")} used={seen} limit={all} />
        <Text size="small" className="text-ui-fg-subtle">
          {t("dashboard.syncCounts", {
            sent: sent.toLocaleString(language),
            skipped: skipped.toLocaleString(language),
            refused: refused.toLocaleString(language),
          })}
        </Text>
      </div>
    </Section>
  );
}

export const config = defineRouteConfig({
  label: "menu.dashboard",
  translationNs: "gameball",
  icon: Users,
});

export const handle = { breadcrumb: () => <Crumb name="menu.dashboard" /> };
