// Whether something is so: who denies it, confirms it, says it or only reports it. No yes, no no.

import { renderSentence, renderSpeaker } from "./attribution.js";
import { renderCitations } from "./citation.js";
import { el } from "./dom.js";
import { renderAnswerNote } from "./standing-notes.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").Position} Position
 * @typedef {import("./shown.js").Shown} Shown
 */

const ORDER = ["denies", "confirms", "says", "reports", "declines"];

/** @param {Shown} shown @returns {(Node|null)[]} */
export function renderPositions(shown) {
  const { positions = [] } = shown.response;
  const stances = [...new Set([...ORDER, ...positions.map(({ stance }) => stance)])];
  const groups = stances.map((stance) => ({ stance, members: positions.filter((position) => position.stance === stance) }));
  return [
    el("h3", { class: "relation-title", "data-testid": "relation-title" }, strings.positionsTitle),
    el("p", { class: "relation-lead" }, strings.positionsLead),
    ...groups.filter(({ members }) => members.length > 0).map(({ stance, members }) => renderStance(stance, members, shown)),
  ];
}

/** @param {string} stance @param {Position[]} members @param {Shown} shown */
function renderStance(stance, members, shown) {
  return el(
    "section",
    { class: "stance", "data-testid": "stance", "data-stance": stance },
    el("h4", { class: "stance-title" }, strings.stance[stance] ?? stance),
    ...members.map(({ who, citation }) => renderPosition(who, citation, shown)),
  );
}

/** @param {Position["who"]} who @param {import("./types.js").Citation} citation @param {Shown} shown */
function renderPosition(who, citation, shown) {
  const answer = { text: citation.quote, confidence: citation.confidence, citations: [citation] };
  return el(
    "div",
    { class: "other", "data-testid": "position" },
    el("p", { class: "position-who", dir: "auto", "data-testid": "position-who" }, who?.text ?? strings.textItself),
    renderAnswerNote([citation]),
    renderSentence(citation, "blockquote", "sentence", "answer-mark"),
    renderSpeaker(citation, { kind: false }),
    renderCitations(answer, shown.actions.openSource),
  );
}
