/** An id, a code or a link, with a button that copies it. */

import { CheckMini, SquareTwoStack } from "@medusajs/icons";
import { clx, IconButton } from "@medusajs/ui";
import { useEffect, useState } from "react";
import { useTexts } from "../lib/texts.js";

const SHOWN = 2_000;

export function Copyable({ value, what, className }: { value: string; what: string; className?: string }) {
  const { t } = useTexts();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      // It can be selected, too.
    }
  };
  return (
    <span className={clx("inline-flex max-w-full items-center gap-1", className)}>
      <code className="txt-compact-small text-ui-fg-base bg-ui-bg-subtle min-w-0 break-all rounded px-1.5 py-0.5 font-mono">
        {value}
      </code>
      <IconButton
        size="2xsmall"
        variant="transparent"
        type="button"
        className="shrink-0"
        onClick={copy}
        aria-label={copied ? t("common.copied") : `${t("common.copy")}: ${what}`}
      >
        {copied ? <CheckMini className="text-ui-tag-green-icon" /> : <SquareTwoStack />}
      </IconButton>
    </span>
  );
}
