// The page's side of Saleor's app bridge: takes the token from the Dashboard, and shows the server's parts with it.
//
// Only the window that embeds the page is heard, and only from the origins that the server names. The token stays in
// this variable: no storage, no cookie, no URL.
const { apiUrl, origins, status: statusUrl } = document.body.dataset;
const allowed = new Set(origins.split(" ").filter(Boolean));
const root = document.documentElement;
const content = document.getElementById("content");
const notices = document.getElementById("notice");
const part = document.getElementById("part");
const statusPart = document.getElementById("status");
const tabs = [...document.querySelectorAll("[data-tab]")];

const WAIT_FOR_DASHBOARD = 10_000;

let token = null;
let dashboard = null; // its origin
// What was asked for, though the server may know no such language: else the same would be asked for again and again.
let locale = new URL(location.href).searchParams.get("locale") ?? root.lang;
let current = null; // { url, tab }: what is shown
let begun = false;
let asked = 0;

// --- The Dashboard speaks -------------------------------------------------------------------------------------

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || source === window || !allowed.has(origin)) return;
  if (typeof data !== "object" || data === null || typeof data.type !== "string") return;
  const payload = typeof data.payload === "object" && data.payload !== null ? data.payload : {};
  dashboard = origin;
  if (data.type === "handshake" || data.type === "tokenRefresh") takeToken(payload.token);
  else if (data.type === "theme") setTheme(payload.theme);
  else if (data.type === "localeChanged") setLocale(payload.locale);
});

function tell(type, payload) {
  parent.postMessage(
    { type, payload: { actionId: crypto.randomUUID?.() ?? String(Math.random()), ...payload } },
    dashboard,
  );
}

function takeToken(given) {
  if (typeof given !== "string" || !given) return;
  token = given;
  if (!begun) {
    begun = true;
    tell("notifyReady", {});
    begin();
  } else if (content.hidden) {
    begin();
  }
}

function setTheme(theme) {
  // Other versions name it differently ("defaultDark").
  if (typeof theme === "string") root.dataset.theme = theme.toLowerCase().includes("dark") ? "dark" : "light";
}

function setLocale(given) {
  if (typeof given !== "string" || !/^[A-Za-z-]{2,35}$/.test(given) || given === locale) return;
  locale = given;
  const url = new URL(location.href);
  url.searchParams.set("locale", given);
  url.searchParams.set("theme", root.dataset.theme);
  // The words of the shell are the server's; the Dashboard greets the page again once it has loaded.
  location.replace(url);
}

setTimeout(() => token ?? notice("outside"), WAIT_FOR_DASHBOARD);

// --- The server's parts ---------------------------------------------------------------------------------------

async function ask(url, options = {}) {
  const headers = {
    "Authorization-Bearer": token,
    "Saleor-Api-Url": apiUrl,
    "Gameball-Locale": locale,
    "Gameball-Time-Zone": Intl.DateTimeFormat().resolvedOptions().timeZone ?? "",
  };
  const answer = await fetch(url, {
    ...options,
    headers: { ...headers, ...options.headers },
    credentials: "omit",
  });
  const problem = answer.headers.get("Gameball-Problem");
  if (problem === "signed_out" || problem === "not_permitted") throw new Refused(problem);
  if (!answer.ok && answer.status !== 422) throw new Error(`HTTP ${answer.status}`);
  return { html: await answer.text(), ok: answer.ok };
}

class Refused extends Error {}

function failed(error) {
  notice(error instanceof Refused ? error.message : "unreachable");
}

// The server has escaped whatever came from elsewhere, and the policy lets nothing inline run.
const put = (place, html) => {
  place.innerHTML = html;
};

async function showStatus() {
  put(statusPart, (await ask(statusUrl)).html);
}

async function show(url, { quietly = false } = {}) {
  const mine = ++asked;
  part.setAttribute("aria-busy", "true");
  try {
    const { html } = await ask(url);
    if (mine !== asked) return; // something else was asked for meanwhile
    current = url;
    put(part, html);
    markTab(url);
    if (!quietly) part.focus({ preventScroll: true });
  } catch (error) {
    if (mine === asked) failed(error);
  } finally {
    if (mine === asked) part.removeAttribute("aria-busy");
  }
}

function markTab(url) {
  const path = url.split("?")[0];
  for (const tab of tabs) {
    if (tab.dataset.tab === path || tab.dataset.also === path) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  // What became of the friends is in the way of who fills in a form.
  content.dataset.part = document.querySelector("[aria-current]")?.id ?? "";
}

async function begin() {
  try {
    await showStatus();
    notice(null);
    const hasKeys = statusPart.querySelector("[data-has-keys=yes]") !== null;
    const first = document.getElementById(hasKeys ? "tab-referrals" : "tab-settings").dataset.tab;
    await show(current ?? first, { quietly: true });
  } catch (error) {
    failed(error);
  }
}

async function send(url, body, button) {
  button.disabled = true;
  part.setAttribute("aria-busy", "true");
  try {
    const { html, ok } = await ask(url, { method: "POST", body });
    put(part, html);
    part.querySelector(".wrong input, .wrong select")?.focus();
    await showStatus();
    if (body && dashboard)
      tell("notification", { status: ok ? "success" : "error", title: document.title, text: firstAlert() });
  } catch (error) {
    failed(error);
  } finally {
    button.disabled = false;
    part.removeAttribute("aria-busy");
  }
}

const firstAlert = () => part.querySelector(".alert, .error")?.textContent.trim() ?? "";

function notice(name) {
  content.hidden = name !== null;
  notices.hidden = name === null;
  for (const each of notices.querySelectorAll("[data-notice]")) each.hidden = each.dataset.notice !== name;
}

// --- Whoever looks at it ----------------------------------------------------------------------------------------

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button || button.disabled) return;
  const { tab, load, post, open, query = "" } = button.dataset;
  if (tab) show(tab);
  else if (load) {
    showStatus().catch(failed);
    show(load);
  } else if (open) show(document.getElementById(open).dataset.tab + query);
  else if (post) send(post, undefined, button);
  else if ("retry" in button.dataset) begin();
});

document.addEventListener("change", ({ target }) => {
  const { filter, name } = target.dataset;
  if (filter) show(target.value ? `${filter}?${new URLSearchParams({ [name]: target.value })}` : filter);
});

document.addEventListener("submit", (event) => {
  const { form } = event.target.dataset;
  if (!form) return;
  event.preventDefault();
  send(
    form,
    new URLSearchParams(new FormData(event.target)),
    event.submitter ?? event.target.querySelector("[type=submit]"),
  );
});
