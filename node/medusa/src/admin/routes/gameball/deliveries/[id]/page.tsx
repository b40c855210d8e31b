/** One delivery: where it stands, what to do, and each call that was made for it. */

import { Button, Table } from "@medusajs/ui";
import { Link, useParams } from "react-router-dom";
import type { Call, DeliveryAnswer } from "../../../../../api/admin/gameball/contract.js";
import { Copyable } from "../../../../components/copyable.js";
import { CustomerLink, capitalised, OrderLink, StateBadge } from "../../../../components/delivery-bits.js";
import { Moment } from "../../../../components/moment.js";
import { Notice } from "../../../../components/notice.js";
import { Scroll } from "../../../../components/scroll.js";
import { Row, Rows, Section } from "../../../../components/section.js";
import { Empty, Failure, Loading } from "../../../../components/states.js";
import { useActions } from "../../../../lib/actions.js";
import { isMissing } from "../../../../lib/client.js";
import { type Action, useDelivery } from "../../../../lib/data.js";
import { useTexts } from "../../../../lib/texts.js";
import { COLOUR } from "../../../../lib/tones.js";

const ACTIONS: readonly Action[] = ["cancel", "retry", "replay"];

type Full = DeliveryAnswer["delivery"];

export default function OneDelivery() {
  const { t } = useTexts();
  const { id = "" } = useParams();
  const { data, error, isPending, refetch } = useDelivery(id);
  if (isPending) {
    return <Loading rows={6} />;
  }
  if (!data) {
    return isMissing(error) ? (
      <Failure error={error} title={t("delivery.notFound")} />
    ) : (
      <Failure error={error} again={refetch} />
    );
  }
  return (
    <div className="flex flex-col gap-y-3">
      <Standing delivery={data.delivery} />
      <Facts delivery={data.delivery} />
      <Calls calls={data.delivery.history} />
    </div>
  );
}

function Standing({ delivery }: { delivery: Full }) {
  const { t } = useTexts();
  const { act, isPending } = useActions();
  return (
    <Section
      level="h1"
      title={`${t(`deliveries.operations.${delivery.operation}`)} ${delivery.id}`}
      actions={
        <>
          <StateBadge delivery={delivery} />
          {ACTIONS.filter((action) => delivery.actions.includes(action)).map((action) => (
            <Button
              key={action}
              size="small"
              variant={action === "cancel" ? "transparent" : "secondary"}
              disabled={isPending}
              onClick={() => act(action, [delivery.id])}
            >
              {t(`deliveries.${action}`)}
            </Button>
          ))}
          <Button size="small" variant="transparent" asChild>
            <Link to="/gameball/deliveries">{t("delivery.back")}</Link>
          </Button>
        </>
      }
    >
      <div className="px-6 py-4">
        <StandingNotice delivery={delivery} />
      </div>
    </Section>
  );
}

function StandingNotice({ delivery }: { delivery: Full }) {
  const { t } = useTexts();
  if (delivery.waiting) {
    const { title, advice, ...rest } = delivery.waiting;
    // An advice that leads here leads nowhere.
    const elsewhere = advice.map(({ text, link }) => {
      const isHere = link?.kind === "delivery" && link.id === delivery.id;
      return { text, link: isHere ? null : link };
    });
    return <Notice {...rest} advice={elsewhere} title={capitalised(title)} />;
  }
  const title = t(`deliveries.states.${delivery.state}`);
  switch (delivery.state) {
    case "applied":
      return <Notice tone="good" title={title} why={t("delivery.delivered")} />;
    case "cancelled":
      return <Notice tone="quiet" title={title} why={t("delivery.cancelled")} />;
    default:
      return (
        <Notice
          tone={delivery.tone}
          title={title}
          why={delivery.problem === null ? t("delivery.failedNoReason") : capitalised(delivery.problem)}
          advice={
            delivery.actions.includes("replay") ? [{ text: t("delivery.replayAdvice"), link: null }] : []
          }
        />
      );
  }
}

function Facts({ delivery }: { delivery: Full }) {
  const { t } = useTexts();
  const isOpen = delivery.settled_at === null;
  return (
    <Section title={t("delivery.facts")}>
      <Rows>
        <Row name={t("delivery.customer")}>
          <CustomerLink id={delivery.customer_id} medusaId={delivery.medusa_customer_id} />
        </Row>
        {delivery.order_id ? (
          <Row name={t("delivery.order")}>
            <OrderLink id={delivery.order_id} />
          </Row>
        ) : null}
        <Row name={t("delivery.created")}>
          <Moment at={delivery.created_at} full />
        </Row>
        {isOpen ? (
          <Row name={t("delivery.due")}>
            <Moment at={delivery.due_at} full />
          </Row>
        ) : null}
        {delivery.deadline_at ? (
          <Row name={t("delivery.deadline")}>
            <Moment at={delivery.deadline_at} full />
          </Row>
        ) : null}
        {delivery.settled_at ? (
          <Row name={t("delivery.settled")}>
            <Moment at={delivery.settled_at} full />
          </Row>
        ) : null}
        <Row name={t("delivery.attempts")}>{delivery.attempts}</Row>
        {delivery.request_id ? (
          <Row name={t("common.requestId")}>
            <Copyable value={delivery.request_id} what={t("common.requestId")} />
          </Row>
        ) : null}
        {delivery.dropped.length > 0 ? (
          <Row name={t("delivery.dropped")}>
            <code className="font-mono">{delivery.dropped.join(", ")}</code>
          </Row>
        ) : null}
      </Rows>
    </Section>
  );
}

function Calls({ calls }: { calls: readonly Call[] }) {
  const { t } = useTexts();
  return (
    <Section title={t("delivery.calls")} hint={t("delivery.callsHint")}>
      {calls.length === 0 ? (
        <Empty title={t("delivery.callsEmpty")} />
      ) : (
        <Scroll label={t("delivery.calls")}>
          <Table>
            <Table.Header>
              <Table.Row>
                <Table.HeaderCell>{t("deliveries.when")}</Table.HeaderCell>
                <Table.HeaderCell>{t("delivery.what")}</Table.HeaderCell>
                <Table.HeaderCell>{t("delivery.answer")}</Table.HeaderCell>
                <Table.HeaderCell>{t("common.requestId")}</Table.HeaderCell>
              </Table.Row>
            </Table.Header>
            <Table.Body>
              {[...calls].reverse().map((call, index) => (
                <Table.Row key={`${call.at} ${index}`} className="align-top [&_td]:py-3">
                  <Table.Cell>
                    <Moment at={call.at} full />
                  </Table.Cell>
                  <Table.Cell>{call.operation_label}</Table.Cell>
                  <Table.Cell className="min-w-56">
                    <Answer call={call} />
                  </Table.Cell>
                  <Table.Cell>
                    {call.request_id ? (
                      <Copyable value={call.request_id} what={t("common.requestId")} />
                    ) : (
                      <span className="text-ui-fg-subtle">–</span>
                    )}
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

function Answer({ call }: { call: Call }) {
  const { t } = useTexts();
  const codes = [
    call.status === null ? null : t("deliveries.httpStatus", { status: call.status }),
    call.gameball_code === null ? null : t("deliveries.gameballCode", { code: call.gameball_code }),
  ].filter((code) => code !== null);
  return (
    <span className="flex flex-col items-start gap-0.5">
      <span className="text-ui-fg-base flex items-baseline gap-2">
        <span aria-hidden className="size-2 shrink-0 rounded-sm" style={{ background: COLOUR[call.tone] }} />
        <span className="text-pretty">
          {call.problem === null ? t("delivery.accepted") : capitalised(call.problem)}
        </span>
      </span>
      {codes.length > 0 ? <span className="text-ui-fg-subtle">{codes.join(" · ")}</span> : null}
    </span>
  );
}

export const handle = {
  breadcrumb: ({ params }: { params: { id?: string } }) => params.id ?? "",
};
