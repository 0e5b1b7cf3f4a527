// A pasted text that is not in the library yet outlives a reload of the page.

import { DRAFT_KEY } from "./adding.js";

/** @typedef {{title: string, text: string}} Draft */

/** @returns {Draft|null} */
export function takeDraft() {
  const draft = read();
  if (draft) sessionStorage.removeItem(DRAFT_KEY);
  return draft;
}

/** @param {Draft} draft */
export function keepDraft(draft) {
  try {
    if (draft.text.trim() !== "") sessionStorage.setItem(DRAFT_KEY, JSON.stringify(draft));
  } catch {
    // Storage may be full or forbidden; the text then lasts as long as the page.
  }
}

/** @returns {Draft|null} */
function read() {
  try {
    const { title, text } = JSON.parse(sessionStorage.getItem(DRAFT_KEY) ?? "null") ?? {};
    return typeof text === "string" ? { title: String(title), text } : null;
  } catch {
    return null;
  }
}
