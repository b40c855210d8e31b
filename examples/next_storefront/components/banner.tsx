/** "A friend sent you." With `byScript` it is hidden until the capture script finds a claim: for pages from a cache. */
export function Banner({ byScript = false }: { byScript?: boolean }) {
  const attributes = byScript ? { "data-gameball-banner": "", hidden: true } : {};
  return (
    <aside className="banner" aria-label="Your invitation" suppressHydrationWarning {...attributes}>
      <p>
        <strong>A friend sent you.</strong> Sign up, and your invitation counts.
      </p>
      <a className="button" href="/sign-up">
        Create an account
      </a>
    </aside>
  );
}
