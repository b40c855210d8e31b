/** Which orders Gameball hears of, and when. */

import { useState } from "react";
import type { Settings, SettingsUpdate } from "../../../api/admin/gameball/contract.js";
import { useTexts } from "../../lib/texts.js";
import { Row, Rows, Section } from "../section.js";
import { EditDrawer } from "./edit-drawer.js";
import { Choice } from "./fields.js";

export function Orders({ settings }: { settings: Settings }) {
  const { t } = useTexts();
  return (
    <Section
      title={t("settings.orders")}
      hint={t("settings.ordersHint")}
      actions={<EditOrders settings={settings} />}
    >
      <Rows>
        <Row name={t("settings.sendOrders")}>
          {t(settings.send_orders === "first" ? "settings.sendFirst" : "settings.sendAll")}
        </Row>
        <Row name={t("settings.orderMoment")}>{t(`settings.${settings.order_moment}`)}</Row>
      </Rows>
    </Section>
  );
}

function EditOrders({ settings }: { settings: Settings }) {
  const { t } = useTexts();
  const saved = () => ({ send_orders: settings.send_orders, order_moment: settings.order_moment });
  const [values, setValues] = useState(saved);
  const fixed = (name: keyof SettingsUpdate) => settings.fixed.includes(name);
  const update = (): SettingsUpdate => ({
    ...(fixed("send_orders") ? {} : { send_orders: values.send_orders }),
    ...(fixed("order_moment") ? {} : { order_moment: values.order_moment }),
  });
  return (
    <EditDrawer
      title={t("settings.editOrders")}
      hint={t("settings.ordersHint")}
      update={update}
      opened={() => setValues(saved())}
    >
      <Choice
        label={t("settings.sendOrders")}
        fixed={fixed("send_orders")}
        value={values.send_orders}
        change={(send_orders) => setValues({ ...values, send_orders })}
        choices={[
          { value: "first", label: t("settings.sendFirst"), hint: t("settings.sendFirstHint") },
          { value: "all", label: t("settings.sendAll"), hint: t("settings.sendAllHint") },
        ]}
      />
      <Choice
        label={t("settings.orderMoment")}
        fixed={fixed("order_moment")}
        value={values.order_moment}
        change={(order_moment) => setValues({ ...values, order_moment })}
        choices={[
          { value: "placed", label: t("settings.placed"), hint: t("settings.placedHint") },
          { value: "captured", label: t("settings.captured"), hint: t("settings.capturedHint") },
        ]}
      />
    </EditDrawer>
  );
}
