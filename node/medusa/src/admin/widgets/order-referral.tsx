/** On an order's page: whether its customer is a referred friend, and whether Gameball has the order. */

import { defineWidgetConfig } from "@medusajs/admin-sdk";
import { clx, Text } from "@medusajs/ui";
import { Link } from "react-router-dom";
import type { OrderEvidenceAnswer } from "../../api/admin/gameball/contract.js";
import { Copyable } from "../components/copyable.js";
import { DeliveryLink, StateBadge } from "../components/delivery-bits.js";
import { ReceiptBadge, Verdict } from "../components/evidence.js";
import { Section } from "../components/section.js";
import { Failure, Loading } from "../components/states.js";
import { useOrderEvidence } from "../lib/data.js";
import { LINK } from "../lib/styles.js";
import { useTexts } from "../lib/texts.js";

export default function OrderReferral({
  data: order,
}: {
  data: { id: string; customer_id?: string | null };
}) {
  const { t } = useTexts();
  const { data, error, isPending, refetch } = useOrderEvidence(order.id);
  if (isPending) {
    return <Loading rows={2} />;
  }
  if (!data) {
    return <Failure error={error} again={refetch} title={t("order.title")} />;
  }
  return (
    <Section
      title={t("order.title")}
      actions={data.referral ? <ReceiptBadge referral={data.referral} /> : null}
    >
      <div className="flex flex-col gap-3 px-6 py-4">
        {/* What to do is told with the evidence, on the friend's page. */}
        <Verdict evidence={{ ...data.evidence, advice: [] }} />
        {data.referral ? (
          <Fact name={t("evidence.referrerCode")}>
            <Copyable value={data.referral.referrer_code} what={t("evidence.referrerCode")} />
          </Fact>
        ) : null}
        {order.customer_id && data.customer_id ? (
          <Link to={`/customers/${order.customer_id}`} className={clx("txt-compact-small self-start", LINK)}>
            {t("order.customer")}
          </Link>
        ) : null}
      </div>
      <div className="flex flex-col gap-2 px-6 py-4">
        <Sent data={data} />
      </div>
    </Section>
  );
}

function Sent({ data }: { data: OrderEvidenceAnswer }) {
  const { t } = useTexts();
  return (
    <>
      <Fact name={t("order.delivery")}>
        {data.delivery ? (
          <>
            <DeliveryLink delivery={data.delivery} />
            <StateBadge delivery={data.delivery} />
          </>
        ) : (
          <span className="text-ui-fg-base">{t("order.none")}</span>
        )}
      </Fact>
      {data.note ? (
        <Text size="small" className="text-ui-fg-subtle text-pretty">
          {data.note}
        </Text>
      ) : null}
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="txt-compact-small text-ui-fg-subtle flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
      <span className="font-medium">{name}</span>
      <span className="flex flex-wrap items-center gap-2">{children}</span>
    </div>
  );
}

export const config = defineWidgetConfig({ zone: "order.details.side.after", id: "gameball:order-referral" });
