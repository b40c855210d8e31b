/** The pages' texts in the reader's language, by keys that the compiler knows. */

import { useTranslation } from "react-i18next";
import type en from "../i18n/en.js";

type Keys<T, Prefix extends string = ""> = {
  [Key in keyof T & string]: T[Key] extends string
    ? `${Prefix}${Singular<Key>}`
    : Keys<T[Key], `${Prefix}${Key}.`>;
}[keyof T & string];

type Singular<Key extends string> = Key extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : Key;

export type TextKey = Keys<typeof en>;

export type Tell = (key: TextKey, values?: Record<string, string | number>) => string;

export function useTexts(): { t: Tell; language: string } {
  const { t, i18n } = useTranslation("gameball");
  return { t: t as unknown as Tell, language: i18n.language || "en" };
}
