/** What the share element says, in English unless told otherwise. */

/** Texts of the share element; `{friends}` stands for their number. */
export interface ShareLabels {
  readonly heading: string;
  readonly text: string;
  readonly link: string;
  readonly copy: string;
  readonly copied: string;
  readonly linkCopied: string;
  readonly notCopied: string;
  readonly whatsapp: string;
  readonly email: string;
  readonly opensInNewTab: string;
  readonly more: string;
  readonly subject: string;
  readonly message: string;
  readonly friend: string;
  readonly friends: string;
  readonly qr: string;
  readonly scan: string;
  readonly waiting: string;
  readonly again: string;
}

/** The texts in English. */
export const ENGLISH: ShareLabels = {
  heading: "Invite your friends",
  text: "Send a friend your link. When they sign up with it, we know that you invited them.",
  link: "Your referral link",
  copy: "Copy",
  copied: "Copied",
  linkCopied: "The link was copied.",
  notCopied: "Your browser does not let this page copy. The link is selected: press Ctrl+C, or ⌘C.",
  whatsapp: "WhatsApp",
  email: "E-mail",
  opensInNewTab: "(opens in a new tab)",
  more: "More ways",
  subject: "An invitation for you",
  message: "I would like to invite you. Here is my link:",
  friend: "{friends} friend has joined through your link.",
  friends: "{friends} friends have joined through your link.",
  qr: "QR code",
  scan: "Scan to open your link",
  waiting: "Your personal link is being prepared. It takes a moment.",
  again: "Look again",
};
