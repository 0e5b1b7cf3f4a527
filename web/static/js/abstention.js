// The documents do not say: the reason in one sentence, then the closest places, plainly not an answer.

import { renderMeta } from "./citation.js";
import { el } from "./dom.js";
import { followStanding } from "./standing-notes.js";
import { strings } from "./strings.js";
import { renderUnknownNames } from "./unknown-names.js";

/**
 * @typedef {import("./shown.js").Shown} Shown
 * @typedef {import("./types.js").Passage} Passage
 * @typedef {import("./citation.js").OpenSource} OpenSource
 */

const SHOWN_AT_ONCE = 3;

/** @param {Shown} shown */
export function renderAbstention(shown) {
  const { response, actions } = shown;
  const reason = response.reason ?? "below_threshold";
  return el(
    "article",
    { class: "abstention", "data-testid": "abstention", "data-reason": reason },
    el("h3", { class: "abstention-title" }, strings.abstentionTitle),
    el("p", { class: "abstention-reason" }, strings.abstention[reason] ?? strings.abstention.below_threshold),
    renderUnknownNames(response),
    reason === "library_empty" && shown.adds && renderAddButton(),
    response.passages.length > 0 && renderClosest(response.passages, actions.openSource),
    shown.judge(shown, null),
    shown.foot(shown, []),
  );
}

function renderAddButton() {
  return el("button", { class: "button-plain", type: "button", "data-add": "library" }, strings.addDocuments);
}

/** @param {Passage[]} passages @param {OpenSource} openSource */
function renderClosest(passages, openSource) {
  const rest = passages.slice(SHOWN_AT_ONCE);
  return el(
    "section",
    { class: "closest" },
    el("h4", { class: "eyebrow" }, strings.closestTitle),
    renderList(passages.slice(0, SHOWN_AT_ONCE), openSource),
    rest.length > 0 &&
      el(
        "details",
        { class: "closest-more" },
        el("summary", {}, strings.closestMore({ count: rest.length })),
        renderList(rest, openSource),
      ),
  );
}

/** @param {Passage[]} passages @param {OpenSource} openSource */
function renderList(passages, openSource) {
  return el(
    "ul",
    { class: "closest-list" },
    ...passages.map((passage) => el("li", { class: "closest-item" }, renderPlace(passage, openSource))),
  );
}

/** @param {Passage} passage @param {OpenSource} openSource */
function renderPlace(passage, openSource) {
  const request = { documentId: passage.document_id, places: [closestPlace(passage)], current: 0 };
  const button = el(
    "button",
    {
      class: "row closest-place",
      type: "button",
      "data-testid": "closest-place",
      click: (/** @type {MouseEvent} */ event) => openSource(request, /** @type {HTMLElement} */ (event.currentTarget)),
    },
    el("span", { class: "citation-title", dir: "auto" }, passage.title),
    renderMeta(passage),
    el("span", { class: "closest-text", dir: "auto" }, passage.text.trim()),
  );
  return followStanding(button, passage);
}

/** @param {Passage} passage @returns {import("./types.js").Place} */
export const closestPlace = ({ start, end, text }) => ({ start, end, quote: text, kind: "closest" });
