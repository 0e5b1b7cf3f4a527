// A part of the page that is fetched when it is first wanted, and cannot be: the click would seem to do nothing.

import { announce } from "./announce.js";
import { find } from "./dom.js";
import { currentPane, isNarrow } from "./panes.js";
import { strings } from "./strings.js";

export function startTellingOfLostParts() {
  window.addEventListener("unhandledrejection", ({ reason }) => {
    // Each browser has words of its own for it; all of them speak of a module.
    if (reason instanceof TypeError && /\bmodule\b/.test(reason.message)) tell(strings.noAnswerFromServer);
  });
}

/** Where it is seen, until something else is tried. @param {string} sentence */
function tell(sentence) {
  const ofPane = isNarrow() ? document.querySelector(`#${currentPane()}-note`) : null;
  const note = ofPane ?? find("#conversation-note");
  note.textContent = sentence;
  announce(sentence);
  const clear = () => {
    if (note.textContent === sentence) note.textContent = "";
  };
  document.addEventListener("click", clear, { capture: true, once: true });
}
