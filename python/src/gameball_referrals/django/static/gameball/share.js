// What the share block can do where the browser has it: copy, native share. Without this script the link is still there.
(() => {
  const FEEDBACK_MS = 2500;

  async function copy(field) {
    if (navigator.clipboard && window.isSecureContext) {
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

  function enhance(block) {
    const field = block.querySelector("input");
    const status = block.querySelector("[role=status]");
    const copyButton = block.querySelector("[data-gameball-copy]");
    const shareButton = block.querySelector("[data-gameball-native]");
    if (!field || block.dataset.ready) return;
    block.dataset.ready = "yes";

    const label = copyButton.querySelector("span");
    const ready = label.textContent;
    let timer;
    field.addEventListener("focus", () => field.select());
    copyButton.hidden = false;
    copyButton.addEventListener("click", async () => {
      const copied = await copy(field);
      clearTimeout(timer);
      // A live region speaks only of what changes.
      status.textContent = "";
      requestAnimationFrame(() => {
        status.textContent = copied ? status.dataset.copied : status.dataset.failed;
      });
      status.classList.toggle("gameball-visually-hidden", copied);
      if (!copied) {
        field.focus();
        return;
      }
      copyButton.dataset.done = "";
      label.textContent = copyButton.dataset.label;
      timer = setTimeout(() => {
        delete copyButton.dataset.done;
        label.textContent = ready;
        status.textContent = "";
      }, FEEDBACK_MS);
    });

    if (navigator.share) {
      shareButton.closest("li").hidden = false;
      shareButton.addEventListener("click", () => {
        const { text } = shareButton.dataset;
        navigator.share({ text, url: field.value }).catch(() => {}); // closed without sharing
      });
    }
  }

  document.querySelectorAll("[data-gameball-share]").forEach(enhance);
})();
