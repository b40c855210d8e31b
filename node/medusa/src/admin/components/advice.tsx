/** What one can do, each with the page on which. */

import { clx, Text } from "@medusajs/ui";
import { Link } from "react-router-dom";
import type { Advice } from "../../api/admin/gameball/contract.js";
import { LINK } from "../lib/styles.js";

export function AdviceList({ advice }: { advice: readonly Advice[] }) {
  if (advice.length === 0) {
    return null;
  }
  return (
    <ul className="mt-1 flex flex-col gap-1">
      {advice.map(({ text, link }) => (
        <li key={text} className="flex gap-2">
          <span aria-hidden className="text-ui-fg-subtle txt-small">
            →
          </span>
          {link === null ? (
            <Text as="span" size="small" className="text-ui-fg-subtle text-pretty">
              {text}
            </Text>
          ) : (
            <Link
              to={link.kind === "settings" ? "/settings/gameball" : `/gameball/deliveries/${link.id}`}
              className={clx("txt-small text-pretty", LINK)}
            >
              {text}
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}
