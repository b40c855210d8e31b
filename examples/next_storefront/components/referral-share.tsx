"use client";

import { defineReferralShare, type ReferralShareAttributes } from "gameball-referrals/storefront";
import { type DetailedHTMLProps, type HTMLAttributes, useEffect } from "react";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "gameball-referral-share": ReferralShareAttributes &
        DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement>;
    }
  }
}

/** The share element. What is inside shows until the browser knows it, and where there is no JavaScript. */
export function ReferralShare({ link, friends }: { link: string | null; friends: number }) {
  useEffect(defineReferralShare, []);
  return (
    <gameball-referral-share link={link ?? ""} friends={friends}>
      {link && (
        <p>
          Your referral link: <a href={link}>{link}</a>
        </p>
      )}
    </gameball-referral-share>
  );
}
