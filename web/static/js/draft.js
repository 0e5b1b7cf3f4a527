// A pasted text that is not in the library yet outlives a reload of the page.

const KEY = "draft.v1";

/** @typedef {{title: string, text: string}} Draft */

export const hasDraft = () => read() !== null;

/** @returns {Draft|null} */
export function takeDraft() {
  const draft = read();
  if (draft) sessionStorage.removeItem(KEY);
  return draft;
}

/** @param {Draft} draft */
export function keepDraft(draft) {
  try {
    if (draft.text.trim() !== "") sessionStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    // Storage may be full or forbidden; the text then lasts as long as the page.
  }
}

/** @returns {Draft|null} */
function read() {
  try {
    const { title, text } = JSON.parse(sessionStorage.getItem(KEY) ?? "null") ?? {};
    return typeof text === "string" ? { title: String(title), text } : null;
  } catch {
    return null;
  }
}
