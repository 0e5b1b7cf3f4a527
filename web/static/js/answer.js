// An answered question: one answer in full, or several beside each other, as the server says they stand.

import { renderSentence, renderSpeaker } from "./attribution.js";
import { confidenceInWords, renderConfidence } from "./confidence.js";
import { renderCitations } from "./citation.js";
import { el } from "./dom.js";
import { readableDate } from "./format.js";
import { renderPositions } from "./positions.js";
import { renderAnswerNote } from "./standing-notes.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").Answer} Answer
 * @typedef {import("./types.js").AskResponse} AskResponse
 * @typedef {import("./shown.js").Shown} Shown
 */

/** @param {Shown} shown */
export function renderAnswer(shown) {
  const { response } = shown;
  const relation = relationOf(response);
  return el(
    "article",
    { class: "answer", "data-testid": "answer", "data-relation": relation },
    ...renderBody(relation, shown),
    shown.foot(shown, relation === "one" ? [response.answers[0]] : response.answers),
  );
}

/** @param {AskResponse} response */
export function describeAnswer(response) {
  const { answers } = response;
  const relation = relationOf(response);
  const texts = answers.map(({ text }) => text).join("; ");
  if (relation === "differ") return strings.differAnnounced({ count: answers.length, texts });
  if (relation === "list") return strings.listAnnounced({ count: answers.length, texts });
  if (relation === "positions") return strings.positionsAnnounced(positionsInWords(response));
  const [best] = answers;
  return strings.answerAnnounced({ text: best.text, confidence: confidenceInWords(best.confidence), count: best.citations.length });
}

/** What cannot be shown as the server says is shown as one answer and others. @param {AskResponse} response */
function relationOf({ relation, answers, positions }) {
  if (relation === "positions") return positions?.length ? "positions" : "one";
  return (relation === "differ" || relation === "list") && answers.length > 1 ? relation : "one";
}

/** @param {AskResponse} response */
function positionsInWords({ positions = [] }) {
  const texts = positions.map(({ stance, who }) => `${who?.text ?? strings.textItself}: ${strings.stance[stance] ?? stance}`);
  return { count: positions.length, texts: texts.join("; ") };
}

/** @param {string} relation @param {Shown} shown @returns {(Node|null)[]} */
function renderBody(relation, shown) {
  const { answers } = shown.response;
  if (relation === "positions") return renderPositions(shown);
  if (relation === "one") return renderOne(answers, shown);
  const title = relation === "differ" ? strings.differTitle : strings.listTitle({ count: answers.length });
  return [
    el("h3", { class: "relation-title", "data-testid": "relation-title" }, title),
    relation === "differ" ? el("p", { class: "relation-lead" }, strings.differLead) : null,
    el("ol", { class: "beside", "data-testid": `relation-${relation}` }, ...answers.map((answer) => el("li", { class: "other" }, ...renderCard(answer, shown, "answer-text")))),
  ];
}

/** @param {Answer[]} answers @param {Shown} shown @returns {(Node|null)[]} */
function renderOne([best, ...others], shown) {
  return [
    el("p", { class: "answer-text", dir: "auto", "data-testid": "answer-text" }, best.text),
    renderMembers(best),
    renderSummary(best),
    renderAnswerNote(best.citations),
    renderSentence(best.citations[0], "blockquote", "sentence", "answer-mark"),
    renderSpeaker(best.citations[0]),
    el("h3", { class: "eyebrow citations-title" }, best.citations.length === 1 ? strings.source : strings.sources),
    renderCitations(best, shown.actions.openSource),
    shown.judge(shown, best),
    others.length > 0 ? renderOthers(others, shown) : null,
  ];
}

/** What a quote names several of, one under the other. @param {Answer} answer */
function renderMembers({ members = [] }) {
  if (members.length < 2) return null;
  return el("ul", { class: "members", "aria-label": strings.members, "data-testid": "members" }, ...members.map(({ text }) => el("li", { dir: "auto" }, text)));
}

/** @param {Answer} answer */
function renderSummary(answer) {
  return el("p", { class: "answer-summary" }, renderConfidence(answer.confidence, { percent: true }), renderSupport(answer), renderDates(answer));
}

/** How many independent sources; the tooltip has the places. @param {Answer} answer */
function renderSupport({ citations, sources }) {
  const documents = new Set(citations.map((citation) => citation.document_id)).size;
  const places = documents === 1 ? strings.placesInOne({ count: citations.length }) : strings.placesInMany({ count: citations.length, documents });
  if (sources === undefined) return citations.length > 1 && el("span", {}, places);
  const title = sources < documents ? `${places}. ${strings.copiesCountOnce}` : places;
  return el("span", { title, "data-testid": "independent" }, strings.independent({ count: sources }));
}

/** @param {Answer} answer */
function renderDates({ first_date: first, last_date: last }) {
  if (!first || !last) return null;
  const from = readableDate(first);
  return el("span", { "data-testid": "dates" }, first === last ? from : strings.dates({ first: from, last: readableDate(last) }));
}

/** @param {Answer[]} others @param {Shown} shown */
function renderOthers(others, shown) {
  return el(
    "details",
    { class: "others", open: true, "data-testid": "other-answers" },
    el("summary", {}, strings.otherAnswers({ count: others.length })),
    ...others.map((answer) => el("section", { class: "other", "data-testid": "other-answer" }, ...renderCard(answer, shown, "other-answer-text"))),
  );
}

/** @param {Answer} answer @param {Shown} shown @param {string} testId */
function renderCard(answer, shown, testId) {
  return [
    el("p", { class: "answer-text", dir: "auto", "data-testid": testId }, answer.text),
    renderMembers(answer),
    renderSummary(answer),
    renderAnswerNote(answer.citations),
    renderSentence(answer.citations[0], "blockquote", "sentence", testId === "answer-text" ? "answer-mark" : undefined),
    renderSpeaker(answer.citations[0]),
    renderCitations(answer, shown.actions.openSource),
    shown.judge(shown, answer),
  ];
}
