// Says on the page which answers and citations the library no longer bears out.

import { el, root } from "./dom.js";
import { placeOf, stateOf } from "./standings.js";
import { strings } from "./strings.js";

/** @typedef {import("./standings.js").Cited} Cited */

/** @type {WeakMap<Element, Cited[]>} */
const citedBy = new WeakMap();

/** @param {Cited[]} citations  of one answer */
export function renderAnswerNote(citations) {
  const note = el("p", { class: "standing-note", "data-testid": "answer-standing" });
  citedBy.set(note, citations);
  paintNote(note);
  return note;
}

/**
 * Keeps a button in step with the place that it opens. It is never exchanged, so that it keeps the focus.
 * @param {HTMLButtonElement} button
 * @param {Cited} cited
 */
export function followStanding(button, cited) {
  const note = el("span", { class: "standing-note", "data-testid": "citation-standing" });
  citedBy.set(note, [cited]);
  button.append(note);
  paintNote(note);
  return button;
}

export function paintStandings() {
  for (const note of root().querySelectorAll(".standing-note")) paintNote(/** @type {HTMLElement} */ (note));
}

/** @param {HTMLElement} note */
function paintNote(note) {
  const citations = citedBy.get(note) ?? [];
  const button = note.closest("button");
  const states = citations.map(stateOf);
  const lost = states.length > 0 && states.every((state) => state === "gone" || state === "changed");
  const gone = lost && states.every((state) => state === "gone");
  const sentences = button ? strings.citationStanding : strings.answerStanding;
  note.textContent = gone ? sentences.gone : lost ? sentences.changed : "";
  note.hidden = !lost;
  if (!button) return;
  const { document_id: documentId, start, end } = placeOf(citations[0]);
  button.dataset.place = `${documentId}:${start}:${end}`;
  button.toggleAttribute("data-gone", gone);
}
