import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import "./shop.css";

export const metadata: Metadata = {
  title: "Mill & Mug",
  description: "An example storefront of gameball-referrals",
  icons: "/mark.svg",
};

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <a className="skip" href="#main">
          Skip to content
        </a>
        <header className="top">
          <div className="wrap">
            <Link className="brand" href="/">
              <img src="/mark.svg" alt="" width="28" height="28" /> Mill <i>&amp;</i> Mug
            </Link>
            <nav aria-label="Shop">
              {/* Whole page loads: what they show depends on cookies. */}
              <a href="/guide">Guide</a>
              <a href="/account">Account</a>
              <a href="/sign-up">Sign up</a>
            </nav>
          </div>
        </header>
        <main id="main" className="wrap">
          {children}
        </main>
        <footer className="wrap bottom">
          <p>
            An example storefront of <b>gameball-referrals</b>. Nothing is sold, nobody is charged.
          </p>
        </footer>
      </body>
    </html>
  );
}
