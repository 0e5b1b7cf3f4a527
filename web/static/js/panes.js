// Which pane shows beside the conversation. On narrow screens a pane covers the page like a dialogue.

import { find } from "./dom.js";

/** @typedef {"none"|"library"|"source"|"conversations"} Pane */

// Keep in step with the media queries in css/page.css and css/side.css.
const NARROW = window.matchMedia("(max-width: 56.1875rem)");
const SECTIONS = /** @type {const} */ ([["library", "#library"], ["source", "#source-panel"], ["conversations", "#conversations"]]);

/** @returns {Pane} */
export const currentPane = () => /** @type {Pane} */ (document.body.dataset.pane ?? "none");

export const isNarrow = () => NARROW.matches;

/** @param {Pane} pane */
export function showPane(pane) {
  document.body.dataset.pane = pane;
  for (const [name, section] of SECTIONS) {
    const element = document.querySelector(section);
    if (name !== "library" && element instanceof HTMLElement) element.hidden = pane !== name;
  }
  applyCover();
}

export function watchWidth() {
  NARROW.addEventListener("change", applyCover);
}

function applyCover() {
  const pane = currentPane();
  const covered = NARROW.matches && pane !== "none";
  for (const id of ["#page-header", "#chat"]) find(id).inert = covered;
  for (const [name, section] of SECTIONS) {
    const element = document.querySelector(section);
    if (element instanceof HTMLElement) setDialog(element, covered && pane === name);
  }
}

/** @param {HTMLElement} element @param {boolean} isDialog */
function setDialog(element, isDialog) {
  element.role = isDialog ? "dialog" : "complementary";
  element.ariaModal = isDialog ? "true" : null;
}
