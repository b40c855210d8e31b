/** The settings: on or off, keys and whether they work, where Gameball is, what is captured, which orders are sent. */

import { defineRouteConfig } from "@medusajs/admin-sdk";
import { Switch, toast } from "@medusajs/ui";
import type { Settings } from "../../../../api/admin/gameball/contract.js";
import { Crumb } from "../../../components/crumb.js";
import { Moment } from "../../../components/moment.js";
import { Row, Rows, Section } from "../../../components/section.js";
import { Capture } from "../../../components/settings/capture.js";
import { Connection } from "../../../components/settings/connection.js";
import { Environment, Keys } from "../../../components/settings/keys.js";
import { Orders } from "../../../components/settings/orders.js";
import { Failure, Loading } from "../../../components/states.js";
import { said } from "../../../lib/client.js";
import { useSaveSettings, useSettings } from "../../../lib/data.js";
import { useTexts } from "../../../lib/texts.js";

export default function GameballSettings() {
  const { data, error, isPending, refetch } = useSettings();
  if (isPending) {
    return <Loading rows={8} />;
  }
  if (!data) {
    return <Failure error={error} again={refetch} />;
  }
  const { settings } = data;
  return (
    <div className="flex flex-col gap-y-3">
      <General settings={settings} />
      <Keys settings={settings} />
      <Connection settings={settings} />
      <Capture settings={settings} />
      <Orders settings={settings} />
    </div>
  );
}

function General({ settings }: { settings: Settings }) {
  const { t } = useTexts();
  const { mutateAsync, isPending } = useSaveSettings();
  const turn = async (enabled: boolean) => {
    try {
      await mutateAsync({ enabled });
      toast.success(t(enabled ? "settings.turnedOn" : "settings.turnedOff"));
    } catch (error) {
      toast.error(t("settings.enabled"), { description: said(error) || t("common.failedUnknown") });
    }
  };
  const isFixed = settings.fixed.includes("enabled");
  return (
    <Section
      level="h1"
      title={t("settings.title")}
      hint={t("settings.subtitle")}
      actions={<Environment settings={settings} />}
    >
      <Rows>
        <Row name={t("settings.enabled")} hint={isFixed ? t("settings.fixed") : t("settings.enabledHint")}>
          <Switch
            aria-label={t("settings.enabled")}
            checked={settings.enabled}
            disabled={isPending || isFixed}
            onCheckedChange={turn}
          />
          <span>{t(settings.enabled ? "settings.on" : "settings.off")}</span>
        </Row>
        <Row name={t("settings.since")}>
          <Moment at={settings.installed_at} full />
        </Row>
      </Rows>
    </Section>
  );
}

export const config = defineRouteConfig({ label: "menu.settings", translationNs: "gameball" });

export const handle = { breadcrumb: () => <Crumb name="menu.settings" /> };
