/** What is done to deliveries: asked first where it matters, and told afterwards. */

import { toast, usePrompt } from "@medusajs/ui";
import { said } from "./client.js";
import { type Action, useAct } from "./data.js";
import { useTexts } from "./texts.js";

export function useActions(): { act: (action: Action, ids: number[]) => Promise<void>; isPending: boolean } {
  const { t } = useTexts();
  const prompt = usePrompt();
  const { mutateAsync, isPending } = useAct();

  const isMeant = async (action: Action, count: number) => {
    if (action === "retry") {
      return true;
    }
    return await prompt({
      title: t(`deliveries.${action}Title`, { count }),
      description: t(`deliveries.${action}Text`),
      confirmText: t(`deliveries.${action}`),
      cancelText: action === "cancel" ? t("deliveries.keep") : t("common.cancel"),
      variant: action === "cancel" ? "danger" : "confirmation",
    });
  };

  const act = async (action: Action, ids: number[]) => {
    if (ids.length === 0 || !(await isMeant(action, ids.length))) {
      return;
    }
    try {
      const { changed } = await mutateAsync({ action, ids });
      if (changed > 0) {
        toast.success(t("deliveries.changed", { count: changed }));
      } else {
        toast.info(t("deliveries.changedNone"));
      }
    } catch (error) {
      toast.error(t(`deliveries.${action}`), { description: said(error) || t("common.failedUnknown") });
    }
  };
  return { act, isPending };
}
