/** A delivery's state, what happened to it, and where its customer and order are. */

import { StatusBadge, Text } from "@medusajs/ui";
import { Link } from "react-router-dom";
import type { Delivery } from "../../api/admin/gameball/contract.js";
import { LINK } from "../lib/styles.js";
import { useTexts } from "../lib/texts.js";
import { BADGE } from "../lib/tones.js";

export function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export function StateBadge({ delivery }: { delivery: Delivery }) {
  const { t } = useTexts();
  return (
    <StatusBadge color={BADGE[delivery.tone]} className="whitespace-nowrap">
      {t(`deliveries.states.${delivery.state}`)}
    </StatusBadge>
  );
}

export function DeliveryLink({ delivery }: { delivery: Delivery }) {
  const { t } = useTexts();
  return (
    <Link to={`/gameball/deliveries/${delivery.id}`} className={`${LINK} whitespace-nowrap`}>
      {t(`deliveries.operations.${delivery.operation}`)}
    </Link>
  );
}

/** The customer in Medusa, where one is left. */
export function CustomerLink({ id, medusaId }: { id: string; medusaId: string | null }) {
  return medusaId === null ? (
    <span className="whitespace-nowrap font-mono" title={id}>
      {short(id)}
    </span>
  ) : (
    <Link to={`/customers/${medusaId}`} className={`${LINK} whitespace-nowrap font-mono`} title={medusaId}>
      {short(medusaId)}
    </Link>
  );
}

export function OrderLink({ id }: { id: string }) {
  return (
    <Link to={`/orders/${id}`} className={`${LINK} whitespace-nowrap font-mono`} title={id}>
      {short(id)}
    </Link>
  );
}

/** Medusa's ids are long, and tell apart by their ends. */
function short(id: string): string {
  return id.length > 18 ? `${id.slice(0, 5)}…${id.slice(-7)}` : id;
}

export function Problem({ delivery }: { delivery: Delivery }) {
  const { t } = useTexts();
  if (delivery.problem === null) {
    return <span className="text-ui-fg-subtle">–</span>;
  }
  const codes = [
    delivery.status === null ? null : t("deliveries.httpStatus", { status: delivery.status }),
    delivery.gameball_code === null ? null : t("deliveries.gameballCode", { code: delivery.gameball_code }),
  ].filter((code) => code !== null);
  return (
    <span className="flex flex-col">
      <Text as="span" size="small" leading="compact" className="text-ui-fg-base text-pretty">
        {capitalised(delivery.problem)}
      </Text>
      {codes.length > 0 ? <span className="text-ui-fg-subtle">{codes.join(" · ")}</span> : null}
    </span>
  );
}
