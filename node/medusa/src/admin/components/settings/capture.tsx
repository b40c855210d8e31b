/** How a visit's code is remembered until the friend registers, and where referral links lead. */

import { useState } from "react";
import type { Settings, SettingsUpdate } from "../../../api/admin/gameball/contract.js";
import { useTexts } from "../../lib/texts.js";
import { Row, Rows, Section } from "../section.js";
import { EditDrawer } from "./edit-drawer.js";
import { Choice, TextField } from "./fields.js";

export function Capture({ settings }: { settings: Settings }) {
  const { t } = useTexts();
  return (
    <Section
      title={t("settings.capture")}
      hint={t("settings.captureHint")}
      actions={<EditCapture settings={settings} />}
    >
      <Rows>
        <Row name={t("settings.attribution")}>{t(`settings.${settings.attribution}`)}</Row>
        <Row name={t("settings.claimDays")}>
          {t("settings.claimDaysValue", { count: settings.claim_days })}
        </Row>
        <Row name={t("settings.referralLink")}>
          {settings.referral_link === null ? (
            t("settings.referralLinkGameball")
          ) : (
            <code className="text-ui-fg-base break-all font-mono">{settings.referral_link}</code>
          )}
        </Row>
      </Rows>
    </Section>
  );
}

function EditCapture({ settings }: { settings: Settings }) {
  const { t } = useTexts();
  const saved = () => ({
    attribution: settings.attribution,
    claim_days: String(settings.claim_days),
    referral_link: settings.referral_link ?? "",
  });
  const [values, setValues] = useState(saved);
  const [errors, setErrors] = useState<{ days?: string; link?: string }>({});
  const fixed = (name: keyof SettingsUpdate) => settings.fixed.includes(name);
  const update = (): SettingsUpdate | null => {
    const days = Number(values.claim_days);
    const link = values.referral_link.trim();
    const found = {
      ...(Number.isInteger(days) && days >= 1 && days <= 365 ? {} : { days: t("settings.claimDaysInvalid") }),
      ...(link === "" || /^https?:\/\/[^\s/]/.test(link) ? {} : { link: t("settings.referralLinkInvalid") }),
    };
    setErrors(found);
    if (Object.keys(found).length > 0) {
      return null;
    }
    const made: SettingsUpdate = {};
    if (!fixed("attribution")) made.attribution = values.attribution;
    if (!fixed("claim_days")) made.claim_days = days;
    if (!fixed("referral_link")) made.referral_link = link || null;
    return made;
  };
  return (
    <EditDrawer
      title={t("settings.editCapture")}
      hint={t("settings.captureHint")}
      update={update}
      opened={() => {
        setValues(saved());
        setErrors({});
      }}
    >
      <Choice
        label={t("settings.attribution")}
        fixed={fixed("attribution")}
        value={values.attribution}
        change={(attribution) => setValues({ ...values, attribution })}
        choices={[
          { value: "first", label: t("settings.first"), hint: t("settings.firstHint") },
          { value: "last", label: t("settings.last"), hint: t("settings.lastHint") },
        ]}
      />
      <TextField
        label={t("settings.claimDaysLabel")}
        type="number"
        error={errors.days}
        fixed={fixed("claim_days")}
        value={values.claim_days}
        change={(claim_days) => setValues({ ...values, claim_days })}
      />
      <TextField
        label={t("settings.referralLink")}
        hint={t("settings.referralLinkHint")}
        error={errors.link}
        fixed={fixed("referral_link")}
        value={values.referral_link}
        change={(referral_link) => setValues({ ...values, referral_link })}
        placeholder={t("settings.referralLinkGameball")}
      />
    </EditDrawer>
  );
}
