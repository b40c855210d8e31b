// Starts Gameball's widget, once the shop says that it may: the widget creates the customer at Gameball, and must not
// be there before the shop's own creation with its referrer code.
(() => {
  const LONGEST_WAIT_MS = 30_000;
  const GIVE_UP_AFTER = 30;

  const start = ({ src, init }) => {
    window.GbLoadInit = () => window.GbSdk.init(init);
    const script = document.createElement("script");
    script.src = src;
    script.defer = true;
    document.head.append(script);
  };

  const wait = async (url, tries) => {
    let answer = {};
    try {
      const response = await fetch(url, { headers: { Accept: "application/json" } });
      if (response.status === 404) return; // signed out meanwhile
      answer = await response.json();
    } catch {
      // Tried again.
    }
    if (answer.ready) start(answer);
    else if (tries < GIVE_UP_AFTER)
      setTimeout(wait, Math.min(1000 * 2 ** tries, LONGEST_WAIT_MS), url, tries + 1);
  };

  const data = document.getElementById("gameball-widget");
  if (!data || data.dataset.started) return;
  data.dataset.started = "yes";
  const config = JSON.parse(data.textContent);
  if (config.wait) wait(config.wait, 0);
  else start(config);
})();
