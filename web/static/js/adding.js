// The ways into the library: files by button or by drop, a text, a web address.

import { find } from "./dom.js";
import { startDropping } from "./dropping.js";

export const DRAFT_KEY = "draft.v1";

const input = /** @type {HTMLInputElement} */ (find("#add-input"));

/** @param {() => void} revealLibrary  where the work shows */
export function startAdding(revealLibrary) {
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-add]") : null;
    if (button instanceof HTMLElement) begin(button.dataset.add ?? "", revealLibrary);
  });
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])].map((file) => ({ file, name: file.name }));
    input.value = ""; // the same file can be chosen again
    if (files.length > 0) send(files, [], revealLibrary);
  });
  startDropping(async (transfer) => {
    // What was dropped can be read in this very event only.
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
    const { filesOf } = await import("./dropped-files.js");
    const { files, unreadable } = await filesOf(entries);
    send(files, unreadable, revealLibrary);
  });
  reopenForm();
}

/** @param {string} way @param {() => void} revealLibrary */
async function begin(way, revealLibrary) {
  if (way === "files") return input.click();
  revealLibrary();
  if (way === "library") return find("#add-files").focus();
  const { toggleForm } = await import("./add-forms.js");
  toggleForm(way === "text" ? "text" : "url");
}

/** @param {import("./send-files.js").Named[]} files @param {string[]} unreadable @param {() => void} revealLibrary */
async function send(files, unreadable, revealLibrary) {
  revealLibrary();
  const { sendFiles } = await import("./send-files.js");
  sendFiles(files, unreadable);
}

/** A text that was typed before a reload is not hidden after it. */
async function reopenForm() {
  if (!hasDraft()) return;
  const { showForm } = await import("./add-forms.js");
  showForm("text", { focus: false });
}

function hasDraft() {
  try {
    return sessionStorage.getItem(DRAFT_KEY) !== null;
  } catch {
    return false; // storage is forbidden
  }
}
