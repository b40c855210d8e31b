/** A page's name in the trail at the top of Medusa's admin. */

import { type TextKey, useTexts } from "../lib/texts.js";

export function Crumb({ name }: { name: TextKey }) {
  const { t } = useTexts();
  return <>{t(name)}</>;
}
