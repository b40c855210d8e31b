/** On a customer's page: "Why did this friend (not) count?", and their own code and friends. */

import { defineWidgetConfig } from "@medusajs/admin-sdk";
import { StatusBadge } from "@medusajs/ui";
import type { CustomerEvidenceAnswer, Profile, Referral } from "../../api/admin/gameball/contract.js";
import { Copyable } from "../components/copyable.js";
import { DeliveryLink, OrderLink, StateBadge } from "../components/delivery-bits.js";
import { ReceiptBadge, Steps, Verdict } from "../components/evidence.js";
import { Moment } from "../components/moment.js";
import { Row, Rows, Section } from "../components/section.js";
import { Failure, Loading } from "../components/states.js";
import { useCustomerEvidence } from "../lib/data.js";
import { type TextKey, useTexts } from "../lib/texts.js";

export default function CustomerEvidence({ data: customer }: { data: { id: string } }) {
  const { t } = useTexts();
  const { data, error, isPending, refetch } = useCustomerEvidence(customer.id);
  if (isPending) {
    return <Loading rows={3} />;
  }
  if (!data) {
    return <Failure error={error} again={refetch} title={t("evidence.question")} />;
  }
  return (
    <Section
      title={t("evidence.question")}
      actions={data.referral ? <ReceiptBadge referral={data.referral} /> : null}
    >
      <div className="flex flex-col gap-4 px-6 py-4">
        <Verdict evidence={data.evidence} />
        <Steps steps={data.evidence.steps} />
      </div>
      {data.referral ? <ReferralFacts referral={data.referral} /> : null}
      {data.profile ? <Own profile={data.profile} /> : null}
      <Sent deliveries={data.deliveries} />
    </Section>
  );
}

const SOURCES: Record<string, TextKey> = {
  visit: "evidence.sources.visit",
  field: "evidence.sources.field",
  metadata: "evidence.sources.metadata",
};

function ReferralFacts({ referral }: { referral: Referral }) {
  const { t } = useTexts();
  const source = SOURCES[referral.source];
  return (
    <Rows>
      <Row name={t("evidence.referrerCode")}>
        <Copyable value={referral.referrer_code} what={t("evidence.referrerCode")} />
      </Row>
      <Row name={t("evidence.source")}>{source ? t(source) : referral.source}</Row>
      <Row name={t("evidence.registered")}>
        <Moment at={referral.registered_at} full />
        {referral.guest ? <StatusBadge color="grey">{t("evidence.guest")}</StatusBadge> : null}
      </Row>
    </Rows>
  );
}

function Own({ profile }: { profile: Profile }) {
  const { t } = useTexts();
  return (
    <Rows>
      <Row name={t("evidence.own")}>
        {profile.referral_code ? (
          <Copyable value={profile.referral_code} what={t("evidence.own")} />
        ) : (
          t("evidence.ownNone")
        )}
      </Row>
      {profile.referral_link ? (
        <Row name={t("evidence.ownLink")}>
          <Copyable value={profile.referral_link} what={t("evidence.ownLink")} />
        </Row>
      ) : null}
      <Row name={t("evidence.friends")}>{t("evidence.friendCounts", profile.friends)}</Row>
    </Rows>
  );
}

function Sent({ deliveries }: { deliveries: CustomerEvidenceAnswer["deliveries"] }) {
  const { t } = useTexts();
  if (deliveries.length === 0) {
    return null;
  }
  return (
    <Rows>
      <Row name={t("evidence.deliveries")}>
        <ul className="flex w-full flex-col gap-2">
          {deliveries.map((delivery) => (
            <li key={delivery.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <DeliveryLink delivery={delivery} />
              {delivery.order_id ? <OrderLink id={delivery.order_id} /> : null}
              <StateBadge delivery={delivery} />
              <Moment at={delivery.settled_at ?? delivery.created_at} />
            </li>
          ))}
        </ul>
      </Row>
    </Rows>
  );
}

export const config = defineWidgetConfig({
  zone: "customer.details.side.before",
  id: "gameball:customer-evidence",
});
