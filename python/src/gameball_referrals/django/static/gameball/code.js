// Says while somebody types whether Gameball knows their code. It never stands in the way of signing up.
(() => {
  const PAUSE_MS = 500;

  function enhance(input) {
    if (input.dataset.ready) return;
    input.dataset.ready = "yes";
    const status = document.createElement("span");
    status.className = "gameball-code-status";
    status.id = `${input.id || input.name}-status`;
    status.setAttribute("role", "status");
    input.after(status);
    input.setAttribute(
      "aria-describedby",
      [input.getAttribute("aria-describedby"), status.id].filter(Boolean).join(" "),
    );

    let timer;
    let asked = 0;
    const say = (result) => {
      status.textContent = input.dataset[result] || "";
      status.dataset.result = result;
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      const mine = ++asked;
      say("");
      const code = input.value.trim();
      if (!code) return;
      timer = setTimeout(async () => {
        try {
          const answer = await fetch(input.dataset.gameballValidate, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ code }),
          });
          const { result } = await answer.json();
          if (mine === asked) say(result);
        } catch {
          // Offline: the form works without.
        }
      }, PAUSE_MS);
    });
  }

  const start = () => document.querySelectorAll("[data-gameball-validate]").forEach(enhance);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
