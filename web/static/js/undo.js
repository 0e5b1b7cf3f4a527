// Says what was deleted, and takes it back on request.

import { announce } from "./announce.js";
import { ApiError } from "./api.js";
import { el } from "./dom.js";
import { strings } from "./strings.js";

/**
 * @param {HTMLElement} holder
 * @param {string} title
 * @param {() => Promise<unknown>} onUndo  throws `ApiError` where it is too late
 * @param {() => void} onClosed  where the focus goes when the notice is gone
 */
export function offerUndo(holder, title, onUndo, onClosed) {
  const words = el("span", { class: "undo-words", dir: "auto" }, strings.deleted({ title }));
  const undo = el("button", { class: "button-plain", type: "button", "data-testid": "undo" }, strings.undo);
  const dismiss = el("button", { class: "button-quiet", type: "button", "data-testid": "undo-dismiss" }, strings.dismiss);
  const notice = el("div", { class: "undo", role: "group", "aria-label": strings.deleted({ title }), "data-testid": "undo-notice" }, words, el("div", { class: "actions" }, undo, dismiss));
  const close = () => {
    const hadFocus = notice.contains(document.activeElement);
    notice.remove();
    if (hadFocus) onClosed();
  };
  dismiss.addEventListener("click", close);
  undo.addEventListener("click", async () => {
    if (undo.ariaDisabled === "true") return;
    undo.ariaDisabled = "true";
    try {
      await onUndo();
      announce(strings.undone({ title }));
      close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      words.textContent = strings.undoFailed({ detail: error.message });
      announce(words.textContent ?? "");
      undo.hidden = true;
      dismiss.focus();
    } finally {
      undo.ariaDisabled = null;
    }
  });
  holder.replaceChildren(notice);
  announce(strings.deleted({ title }));
  return undo;
}
