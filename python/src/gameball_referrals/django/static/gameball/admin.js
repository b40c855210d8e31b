// What the admin's pages do besides links and forms: copy an id, and show that a button is at work.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  if (navigator.clipboard) {
    for (const button of document.querySelectorAll("[data-gb-copy]")) {
      button.hidden = false;
      button.setAttribute("aria-label", `${button.textContent} ${button.dataset.gbCopy}`);
    }
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-gb-copy]");
  if (!button) return;
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.gbCopy);
  } catch {
    return; // Forbidden by the browser: the id can still be selected.
  }
  button.textContent = button.dataset.gbDone;
  setTimeout(() => {
    button.textContent = label;
  }, 2000);
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.dataset.gbBusy) return;
  if (button.getAttribute("aria-busy") === "true") {
    event.preventDefault(); // A second press would only ask again.
    return;
  }
  button.setAttribute("aria-busy", "true");
  button.textContent = button.dataset.gbBusy;
});
