/** Where Gameball is and how it is spoken to; and how to do without it in development. */

import { StatusBadge } from "@medusajs/ui";
import { useState } from "react";
import type { Settings, SettingsUpdate } from "../../../api/admin/gameball/contract.js";
import { useTexts } from "../../lib/texts.js";
import { Copyable } from "../copyable.js";
import { Notice } from "../notice.js";
import { Row, Rows, Section } from "../section.js";
import { EditDrawer } from "./edit-drawer.js";
import { SelectField, SwitchField, TextField } from "./fields.js";

const EMULATOR = "npx gameball-referrals emulator";

export function Connection({ settings }: { settings: Settings }) {
  const { t } = useTexts();
  return (
    <Section title={t("settings.connection")} actions={<EditConnection settings={settings} />}>
      <Rows>
        <Row name={t("settings.baseUrl")}>
          {settings.base_url === null ? (
            t("settings.baseUrlGameball")
          ) : (
            <code className="text-ui-fg-base break-all font-mono">{settings.base_url}</code>
          )}
          {settings.is_emulator ? <StatusBadge color="purple">{t("settings.emulator")}</StatusBadge> : null}
        </Row>
        <Row name={t("settings.version")}>{settings.api_version}</Row>
        <Row name={t("settings.highSecurity")}>
          {t(settings.high_security ? "settings.on" : "settings.off")}
        </Row>
      </Rows>
      <div className="px-6 py-4">
        {settings.is_emulator ? (
          <Notice tone="warn" title={t("settings.emulatorInUse")} />
        ) : (
          <Notice tone="quiet" title={t("settings.emulatorTitle")} why={t("settings.emulatorHint")}>
            <Copyable value={EMULATOR} what={t("settings.emulator")} className="mt-1" />
          </Notice>
        )}
      </div>
    </Section>
  );
}

function EditConnection({ settings }: { settings: Settings }) {
  const { t } = useTexts();
  const saved = () => ({
    base_url: settings.base_url ?? "",
    api_version: settings.api_version,
    high_security: settings.high_security,
  });
  const [values, setValues] = useState(saved);
  const [error, setError] = useState<string | null>(null);
  const fixed = (name: keyof SettingsUpdate) => settings.fixed.includes(name);
  const update = (): SettingsUpdate | null => {
    const url = values.base_url.trim();
    if (url && !/^https?:\/\/[^\s/]/.test(url)) {
      setError(t("settings.baseUrlInvalid"));
      return null;
    }
    setError(null);
    const made: SettingsUpdate = {};
    if (!fixed("base_url") && url !== (settings.base_url ?? "")) made.base_url = url || null;
    if (!fixed("api_version")) made.api_version = values.api_version;
    if (!fixed("high_security")) made.high_security = values.high_security;
    return made;
  };
  return (
    <EditDrawer
      title={t("settings.editConnection")}
      update={update}
      opened={() => {
        setValues(saved());
        setError(null);
      }}
    >
      <TextField
        label={t("settings.baseUrl")}
        hint={t("settings.baseUrlHint")}
        type="url"
        error={error}
        fixed={fixed("base_url")}
        value={values.base_url}
        change={(base_url) => setValues({ ...values, base_url })}
        placeholder={t("settings.baseUrlGameball")}
      />
      <SelectField
        label={t("settings.version")}
        hint={t("settings.versionHint")}
        fixed={fixed("api_version")}
        value={values.api_version}
        change={(version) => setValues({ ...values, api_version: version === "v4.1" ? "v4.1" : "v4.0" })}
        choices={["v4.0", "v4.1"]}
      />
      <SwitchField
        label={t("settings.highSecurity")}
        hint={t("settings.highSecurityHint")}
        fixed={fixed("high_security")}
        checked={values.high_security}
        change={(high_security) => setValues({ ...values, high_security })}
      />
    </EditDrawer>
  );
}
