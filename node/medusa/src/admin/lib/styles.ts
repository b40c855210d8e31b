/** How links look: the kit's own blue has too little contrast for small text. */

export const LINK =
  "text-ui-fg-base hover:text-ui-fg-subtle decoration-ui-border-strong underline underline-offset-2 outline-none focus-visible:shadow-borders-focus rounded-sm";
