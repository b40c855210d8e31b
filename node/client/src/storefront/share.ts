/// <reference lib="dom" preserve="true" />

/** `<gameball-referral-share>`: a customer passes their link on by copy, WhatsApp, e-mail, share sheet and QR code. */

import css from "../../../../python/src/gameball_referrals/django/static/gameball/gameball.css";
import { html, icon } from "./elements.js";
import { ENGLISH, type ShareLabels } from "./labels.js";
import { qrCode } from "./qr.js";

/** The element's name. */
export const TAG = "gameball-referral-share";

/** What the element is told by attributes. */
export interface ReferralShareAttributes {
  /** The referral link. Without it the element says that the link is being prepared. */
  link?: string;
  /** How many friends have joined. */
  friends?: number | string;
  heading?: string;
  text?: string;
  /** What goes into messages before the link. */
  message?: string;
  /** `light` or `dark`; else the visitor's own preference. */
  theme?: string;
  /** Leaves the QR code out. */
  "no-qr"?: boolean | string;
}

/** How a link was passed on: the `detail` of the event `gameball-share`. */
export interface Shared {
  readonly way: "copy" | "whatsapp" | "email" | "native";
}

/** The element. */
export interface ReferralShareElement extends HTMLElement {
  /** Texts in another language or tone; what is missing is in English. */
  labels: Partial<ShareLabels>;
}

const ATTRIBUTES = ["link", "friends", "heading", "text", "message", "theme", "no-qr"];
const FEEDBACK_MS = 2500;

/**
 * Makes the element known to the browser; once, and not at all on a server.
 *
 * It tells `gameball-share` when the link was passed on, and `gameball-refresh` when somebody looks for a link that is
 * being prepared: the page loads anew, unless the event is stopped (`preventDefault`).
 *
 * @example
 * defineReferralShare();
 * // <gameball-referral-share link="https://shop.example/?ref=ANNA1"></gameball-referral-share>
 */
export function defineReferralShare(): void {
  if (typeof customElements === "undefined" || customElements.get(TAG)) return;
  customElements.define(TAG, elementClass());
}

/** In a function, since a server has no `HTMLElement` to extend. */
function elementClass(): CustomElementConstructor {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:host{display:block}:host([hidden]){display:none}${css}`);

  return class extends HTMLElement implements ReferralShareElement {
    static readonly observedAttributes = ATTRIBUTES;
    readonly #root = this.attachShadow({ mode: "open" });
    #labels: Partial<ShareLabels> = {};
    #isStale = false;
    #timer: ReturnType<typeof setTimeout> | undefined;

    get labels(): Partial<ShareLabels> {
      return this.#labels;
    }

    set labels(labels: Partial<ShareLabels>) {
      this.#labels = labels;
      this.#changed();
    }

    connectedCallback(): void {
      this.#root.adoptedStyleSheets = [sheet];
      // A framework may have set the property before the element was known.
      if (Object.hasOwn(this, "labels")) {
        const { labels } = this;
        Reflect.deleteProperty(this, "labels");
        this.#labels = labels;
      }
      this.#draw();
    }

    disconnectedCallback(): void {
      clearTimeout(this.#timer);
    }

    attributeChangedCallback(): void {
      this.#changed();
    }

    /** Draws once for all that changes at the same time. */
    #changed(): void {
      if (!this.isConnected || this.#isStale) return;
      this.#isStale = true;
      queueMicrotask(() => {
        this.#isStale = false;
        if (this.isConnected) this.#draw();
      });
    }

    #draw(): void {
      clearTimeout(this.#timer);
      const labels = { ...ENGLISH, ...this.#labels };
      const told = (name: "heading" | "text" | "message") => this.getAttribute(name) || labels[name];
      const link = this.getAttribute("link") ?? "";
      const theme = this.getAttribute("theme") ?? "";
      const heading = html("h2", { class: "gameball-share__title", id: "title" }, told("heading"));
      const main = html("div", { class: "gameball-share__main" }, heading);
      const body = html("div", { class: "gameball-share__body" }, main);
      if (link) {
        main.append(
          html("p", { class: "gameball-share__text" }, told("text")),
          ...this.#copying(link, labels),
          this.#ways(link, told("message"), labels),
        );
        const friends = Number.parseInt(this.getAttribute("friends") ?? "", 10);
        if (friends > 0) {
          const sentence = (friends === 1 ? labels.friend : labels.friends).replace(
            "{friends}",
            String(friends),
          );
          main.append(html("p", { class: "gameball-share__friends" }, sentence));
        }
        const code = this.hasAttribute("no-qr") ? null : qrCode(link, labels.qr);
        if (code) {
          body.append(
            html("figure", { class: "gameball-share__code" }, code, html("figcaption", {}, labels.scan)),
          );
        }
      } else {
        main.append(
          html("p", { class: "gameball-share__text" }, labels.waiting),
          html("p", { class: "gameball-share__again" }, this.#again(labels)),
        );
      }
      const themed: Record<string, string> =
        theme === "light" || theme === "dark" ? { "data-gameball-theme": theme } : {};
      const section = { class: "gameball gameball-share", "aria-labelledby": "title", ...themed };
      this.#root.replaceChildren(html("section", section, body));
    }

    #copying(link: string, labels: ShareLabels): Node[] {
      const field = html("input", {
        class: "gameball-share__link",
        id: "link",
        type: "text",
        readonly: "",
        dir: "ltr",
        spellcheck: "false",
        autocomplete: "off",
        value: link,
      });
      field.addEventListener("focus", () => field.select());
      const label = html("span", {}, labels.copy);
      const button = html(
        "button",
        { class: "gameball-share__copy", type: "button" },
        icon(
          "gameball-icon--copy",
          ["rect", { x: "9", y: "9", width: "11", height: "11", rx: "2" }],
          ["path", { d: "M5 15H4a1 1 0 0 1-1-1V5a2 2 0 0 1 2-2h9a1 1 0 0 1 1 1v1" }],
        ),
        icon("gameball-icon--done", ["path", { d: "M4.5 12.5l5 5 10-11" }]),
        label,
      );
      const status = html("p", { class: "gameball-share__status gameball-visually-hidden", role: "status" });
      button.addEventListener("click", async () => {
        const isCopied = await copied(field);
        clearTimeout(this.#timer);
        // A live region speaks only of what changes.
        status.textContent = "";
        requestAnimationFrame(() => {
          status.textContent = isCopied ? labels.linkCopied : labels.notCopied;
        });
        status.classList.toggle("gameball-visually-hidden", isCopied);
        if (!isCopied) {
          field.focus();
          return;
        }
        this.#tell("copy");
        button.dataset.done = "";
        label.textContent = labels.copied;
        this.#timer = setTimeout(() => {
          delete button.dataset.done;
          label.textContent = labels.copy;
          status.textContent = "";
        }, FEEDBACK_MS);
      });
      return [
        html("label", { class: "gameball-share__label", for: "link" }, labels.link),
        html("div", { class: "gameball-share__row" }, field, button),
        status,
      ];
    }

    #ways(link: string, message: string, labels: ShareLabels): Node {
      const text = encodeURIComponent(`${message} ${link}`);
      const whatsapp = html(
        "a",
        {
          class: "gameball-share__way",
          href: `https://wa.me/?text=${text}`,
          target: "_blank",
          rel: "noopener noreferrer",
        },
        icon(
          "",
          ["path", { d: "M4 20l1.2-4A8 8 0 1 1 8.3 19z" }],
          [
            "path",
            {
              d: "M9 8.6c-.4 3 3.4 6.8 6.4 6.4l.6-1.7-2-1-.9.9c-1-.4-1.9-1.3-2.3-2.3l.9-.9-1-2z",
            },
          ],
        ),
        labels.whatsapp,
        html("span", { class: "gameball-visually-hidden" }, ` ${labels.opensInNewTab}`),
      );
      whatsapp.addEventListener("click", () => this.#tell("whatsapp"));
      const email = html(
        "a",
        {
          class: "gameball-share__way",
          href: `mailto:?subject=${encodeURIComponent(labels.subject)}&body=${text}`,
        },
        icon(
          "",
          ["rect", { x: "3", y: "5", width: "18", height: "14", rx: "2" }],
          ["path", { d: "M3.5 7l8.5 6 8.5-6" }],
        ),
        labels.email,
      );
      email.addEventListener("click", () => this.#tell("email"));
      const ways = html(
        "ul",
        { class: "gameball-share__ways" },
        html("li", {}, whatsapp),
        html("li", {}, email),
      );
      if (typeof navigator.share === "function") {
        const more = html(
          "button",
          { class: "gameball-share__way", type: "button" },
          icon(
            "",
            ["path", { d: "M12 15V3.5m0 0L8 7.5m4-4l4 4" }],
            [
              "path",
              {
                d: "M7 11H6a1.5 1.5 0 0 0-1.5 1.5V19A1.5 1.5 0 0 0 6 20.5h12a1.5 1.5 0 0 0 1.5-1.5v-6.5A1.5 1.5 0 0 0 18 11h-1",
              },
            ],
          ),
          labels.more,
        );
        more.addEventListener("click", () => {
          // Rejected where it was closed without sharing.
          navigator.share({ text: message, url: link }).then(
            () => this.#tell("native"),
            () => {},
          );
        });
        ways.append(html("li", {}, more));
      }
      return ways;
    }

    #again(labels: ShareLabels): Node {
      const button = html("button", { class: "gameball-share__way", type: "button" }, labels.again);
      button.addEventListener("click", () => {
        const refresh = new CustomEvent("gameball-refresh", { bubbles: true, cancelable: true });
        if (this.dispatchEvent(refresh)) location.reload();
      });
      return button;
    }

    #tell(way: Shared["way"]): void {
      this.dispatchEvent(new CustomEvent<Shared>("gameball-share", { bubbles: true, detail: { way } }));
    }
  };
}

async function copied(field: HTMLInputElement): Promise<boolean> {
  if (navigator.clipboard && isSecureContext) {
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch {
      // Not allowed in this frame; the old way may be.
    }
  }
  field.select();
  return document.execCommand("copy");
}
