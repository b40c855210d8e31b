/** The keys: whether there are any, whose, and whether Gameball takes them. They go in, and never out. */

import { Button, StatusBadge, Text, Tooltip, toast } from "@medusajs/ui";
import { useState } from "react";
import type { Check, Settings, SettingsUpdate } from "../../../api/admin/gameball/contract.js";
import { said } from "../../lib/client.js";
import { useCheck } from "../../lib/data.js";
import { useTexts } from "../../lib/texts.js";
import { Copyable } from "../copyable.js";
import { Moment } from "../moment.js";
import { Notice } from "../notice.js";
import { Row, Rows, Section } from "../section.js";
import { EditDrawer } from "./edit-drawer.js";
import { TextField } from "./fields.js";

export function Keys({ settings }: { settings: Settings }) {
  const { t } = useTexts();
  const { mutateAsync, isPending } = useCheck();
  const test = async () => {
    try {
      const { check } = await mutateAsync();
      if (check.ok) toast.success(t("settings.testWorks"));
      else toast.warning(t("settings.testFails"));
    } catch (error) {
      toast.error(t("settings.test"), { description: said(error) || t("common.failedUnknown") });
    }
  };
  return (
    <Section
      title={t("settings.keys")}
      hint={t("settings.keysHint")}
      actions={
        <>
          <Button
            size="small"
            variant="secondary"
            onClick={test}
            isLoading={isPending}
            disabled={!settings.api_key_set}
          >
            {t("settings.test")}
          </Button>
          <EditKeys settings={settings} />
        </>
      }
    >
      {settings.encryption === "ready" ? null : <Encryption settings={settings} />}
      {settings.keys_source === "options" ? (
        <div className="px-6 py-4">
          <Notice tone="quiet" title={t("settings.keysFromOptions")} />
        </div>
      ) : null}
      <Rows>
        <Row name={t("settings.apiKey")}>
          <Key
            isSet={settings.api_key_set}
            fingerprint={settings.api_key_fingerprint}
            source={settings.keys_source}
          />
          <Environment settings={settings} />
        </Row>
        <Row name={t("settings.secretKey")} hint={t("settings.secretKeyHint")}>
          <Key
            isSet={settings.secret_key_set}
            fingerprint={settings.secret_key_fingerprint}
            source={settings.keys_source}
          />
        </Row>
      </Rows>
      <div className="px-6 py-4" aria-live="polite">
        <TestResult check={settings.last_check} isPending={isPending} />
      </div>
    </Section>
  );
}

function Encryption({ settings }: { settings: Settings }) {
  const { t } = useTexts();
  if (settings.encryption === "ready") {
    return null;
  }
  return (
    <div className="px-6 py-4">
      <Notice
        tone={settings.encryption === "changed" ? "bad" : "warn"}
        title={t(`settings.encryption.${settings.encryption}`)}
        why={settings.encryption_advice}
      >
        {settings.encryption === "changed" ? null : (
          <div className="mt-2 flex flex-col gap-1">
            <Text size="small" className="text-ui-fg-subtle">
              {t("settings.encryption.command")}
            </Text>
            <Copyable value={settings.encryption_command} what={t("settings.encryption.command")} />
          </div>
        )}
      </Notice>
    </div>
  );
}

interface KeyProps {
  isSet: boolean;
  fingerprint: string | null;
  source: Settings["keys_source"];
}

function Key({ isSet, fingerprint, source }: KeyProps) {
  const { t } = useTexts();
  if (!isSet) {
    return <StatusBadge color="grey">{t("settings.notSet")}</StatusBadge>;
  }
  if (fingerprint === null) {
    return <StatusBadge color="red">{t("settings.cannotOpen")}</StatusBadge>;
  }
  return (
    <>
      <Tooltip content={t("settings.fingerprintHint")}>
        <code className="bg-ui-bg-subtle text-ui-fg-base rounded px-1.5 py-0.5 font-mono">
          {fingerprint.replace(/(.{4})(?=.)/g, "$1 ")}
        </code>
      </Tooltip>
      <span className="text-ui-fg-subtle">
        {source === "options" ? t("settings.fromOptions") : t("settings.fromAdmin")}
      </span>
    </>
  );
}

export function Environment({ settings: { environment } }: { settings: Settings }) {
  const { t } = useTexts();
  if (environment === null) {
    return null;
  }
  const colour = { live: "green", test: "orange", unknown: "grey" } as const;
  return <StatusBadge color={colour[environment]}>{t(`environment.${environment}`)}</StatusBadge>;
}

function TestResult({ check, isPending }: { check: Check | null; isPending: boolean }) {
  const { t } = useTexts();
  if (isPending) {
    return <Notice tone="wait" title={t("settings.testing")} />;
  }
  if (check === null) {
    return <Notice tone="quiet" title={t("settings.testNever")} why={t("settings.testNeverHint")} />;
  }
  const partly = !check.ok && check.api_key === "accepted";
  const title = check.ok ? "settings.testWorks" : partly ? "settings.testPartly" : "settings.testFails";
  const keys = [
    [t("settings.apiKey"), check.api_key],
    [t("settings.secretKey"), check.secret_key],
  ] as const;
  return (
    <Notice tone={check.ok ? "good" : partly ? "warn" : "bad"} title={t(title)} why={check.message}>
      <span className="txt-compact-small text-ui-fg-subtle mt-1 flex flex-wrap gap-x-3 gap-y-1">
        {keys.map(([key, state]) => (
          <span key={key}>{t(KEY_STATES[state], { key })}</span>
        ))}
        <Tested at={check.at} />
      </span>
      {check.is_current ? null : (
        <Text size="small" className="text-ui-tag-orange-text mt-1">
          {t("settings.stale")}
        </Text>
      )}
    </Notice>
  );
}

const KEY_STATES = {
  accepted: "settings.keyAccepted",
  refused: "settings.keyRefused",
  missing: "settings.keyMissing",
  unknown: "settings.keyUnknown",
} as const;

function Tested({ at }: { at: string }) {
  const { t } = useTexts();
  return (
    <span>
      {t("settings.testedAt")} <Moment at={at} />
    </span>
  );
}

// --- The form -------------------------------------------------------------------------------------------------

const NOTHING = { text: "", remove: false };

function EditKeys({ settings }: { settings: Settings }) {
  const { t } = useTexts();
  const [apiKey, setApiKey] = useState(NOTHING);
  const [secretKey, setSecretKey] = useState(NOTHING);
  const clear = () => {
    setApiKey(NOTHING);
    setSecretKey(NOTHING);
  };
  const update = (): SettingsUpdate => {
    const made: SettingsUpdate = {};
    if (apiKey.remove) made.api_key = null;
    else if (apiKey.text.trim()) made.api_key = apiKey.text.trim();
    if (secretKey.remove) made.secret_key = null;
    else if (secretKey.text.trim()) made.secret_key = secretKey.text.trim();
    // Nothing of a key stays in the page.
    return made;
  };
  const cannot =
    settings.keys_source === "options" ||
    settings.encryption === "missing" ||
    settings.encryption === "short";
  return (
    <EditDrawer
      title={t("settings.editKeys")}
      hint={t("settings.keysHint")}
      opened={clear}
      update={update}
      disabled={cannot}
    >
      <KeyField label={t("settings.apiKey")} isSet={settings.api_key_set} value={apiKey} change={setApiKey} />
      <KeyField
        label={t("settings.secretKey")}
        hint={t("settings.secretKeyHint")}
        isSet={settings.secret_key_set}
        value={secretKey}
        change={setSecretKey}
      />
    </EditDrawer>
  );
}

interface KeyFieldProps {
  label: string;
  hint?: string;
  isSet: boolean;
  value: typeof NOTHING;
  change: (value: typeof NOTHING) => void;
}

function KeyField({ label, hint, isSet, value, change }: KeyFieldProps) {
  const { t } = useTexts();
  return (
    <TextField
      label={label}
      type="password"
      hint={value.remove ? t("settings.removing") : hint}
      value={value.text}
      change={(text) => change({ text, remove: false })}
      placeholder={t(isSet ? "settings.newKey" : "settings.noKey")}
      after={
        isSet ? (
          <Button
            size="small"
            variant="transparent"
            type="button"
            className="self-start"
            aria-label={`${t(value.remove ? "settings.undo" : "settings.remove")}: ${label}`}
            onClick={() => change({ text: "", remove: !value.remove })}
          >
            {t(value.remove ? "settings.undo" : "settings.remove")}
          </Button>
        ) : null
      }
    />
  );
}
