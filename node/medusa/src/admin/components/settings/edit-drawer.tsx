/** A drawer with a form, as Medusa edits settings: saves, says what the server refuses, and closes. */

import { XMark } from "@medusajs/icons";
import { Button, Drawer, Heading, IconButton, Text, toast } from "@medusajs/ui";
import { type FormEvent, type ReactNode, useState } from "react";
import type { SettingsUpdate } from "../../../api/admin/gameball/contract.js";
import { said } from "../../lib/client.js";
import { useSaveSettings } from "../../lib/data.js";
import { useTexts } from "../../lib/texts.js";

interface EditDrawerProps {
  title: string;
  hint?: string;
  /** What the form changes; null: something in it is not right, and says so itself. */
  update: () => SettingsUpdate | null;
  /** The form is drawn anew. */
  opened: () => void;
  disabled?: boolean;
  children: ReactNode;
}

export function EditDrawer({ title, hint, update, opened, disabled = false, children }: EditDrawerProps) {
  const { t } = useTexts();
  const [isOpen, setOpen] = useState(false);
  const { mutateAsync, isPending, error, reset } = useSaveSettings();
  const toggle = (open: boolean) => {
    if (open) {
      opened();
      reset();
    }
    setOpen(open);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const values = update();
    if (values === null) {
      return;
    }
    try {
      await mutateAsync(values);
      toast.success(t("common.saved"));
      setOpen(false);
    } catch {
      // It is told below.
    }
  };
  return (
    <Drawer open={isOpen} onOpenChange={toggle}>
      <Drawer.Trigger asChild>
        <Button size="small" variant="secondary" disabled={disabled} aria-label={title}>
          {t("common.edit")}
        </Button>
      </Drawer.Trigger>
      <Drawer.Content>
        <form onSubmit={save} className="flex min-h-0 flex-1 flex-col" noValidate autoComplete="off">
          {/* The kit's own header has a close button without a name. */}
          <div className="border-ui-border-base flex items-start justify-between gap-x-4 border-b px-6 py-4">
            <div className="flex flex-col gap-y-1">
              <Drawer.Title asChild>
                <Heading>{title}</Heading>
              </Drawer.Title>
              <Drawer.Description className={hint ? "txt-small text-ui-fg-subtle" : "sr-only"}>
                {hint ?? title}
              </Drawer.Description>
            </div>
            <Drawer.Close asChild>
              <IconButton size="small" type="button" variant="transparent" aria-label={t("common.close")}>
                <XMark />
              </IconButton>
            </Drawer.Close>
          </div>
          <Drawer.Body className="flex flex-1 flex-col gap-6 overflow-y-auto">
            {children}
            {error ? (
              <Text size="small" role="alert" className="text-ui-fg-error text-pretty">
                {said(error) || t("common.failedUnknown")}
              </Text>
            ) : null}
          </Drawer.Body>
          <Drawer.Footer>
            <Drawer.Close asChild>
              <Button size="small" variant="secondary" type="button">
                {t("common.cancel")}
              </Button>
            </Drawer.Close>
            <Button size="small" type="submit" isLoading={isPending}>
              {t("common.save")}
            </Button>
          </Drawer.Footer>
        </form>
      </Drawer.Content>
    </Drawer>
  );
}
