// An answered question: the best answer in full, the other answers folded away.

import { confidenceInWords, renderConfidence } from "./confidence.js";
import { renderCitations, renderSentence } from "./citation.js";
import { renderCopyButton } from "./copy.js";
import { el } from "./dom.js";
import { renderAnswerNote } from "./standing-notes.js";
import { strings } from "./strings.en.js";

/**
 * @typedef {import("./types.js").Answer} Answer
 * @typedef {import("./types.js").AskResponse} AskResponse
 * @typedef {import("./citation.js").OpenSource} OpenSource
 */

/** @param {AskResponse} response @param {OpenSource} openSource */
export function renderAnswer(response, openSource) {
  const [best, ...others] = response.answers;
  return el(
    "article",
    { class: "answer", "data-testid": "answer" },
    el("p", { class: "answer-text", dir: "auto", "data-testid": "answer-text" }, best.text),
    renderSummary(best),
    renderAnswerNote(best.citations),
    renderSentence(best.citations[0], "blockquote", "sentence", "answer-mark"),
    el("h3", { class: "eyebrow citations-title" }, strings.sources(best.citations.length)),
    renderCitations(best, openSource),
    others.length > 0 && renderOthers(others, openSource),
    renderFoot(response, best),
  );
}

/** @param {AskResponse} response */
export function describeAnswer({ answers: [best] }) {
  return strings.answerAnnounced(best.text, confidenceInWords(best.confidence), best.citations.length);
}

/** @param {Answer} answer */
function renderSummary(answer) {
  const documents = new Set(answer.citations.map((citation) => citation.document_id)).size;
  return el(
    "p",
    { class: "answer-summary" },
    renderConfidence(answer.confidence, { percent: true }),
    answer.citations.length > 1 && el("span", {}, strings.placesFound(answer.citations.length, documents)),
  );
}

/** @param {Answer[]} others @param {OpenSource} openSource */
function renderOthers(others, openSource) {
  return el(
    "details",
    { class: "others", open: true, "data-testid": "other-answers" },
    el("summary", {}, strings.otherAnswers(others.length)),
    ...others.map((answer) =>
      el(
        "section",
        { class: "other", "data-testid": "other-answer" },
        el("p", { class: "answer-text", dir: "auto", "data-testid": "other-answer-text" }, answer.text),
        renderSummary(answer),
        renderAnswerNote(answer.citations),
        renderSentence(answer.citations[0], "blockquote", "sentence"),
        renderCitations(answer, openSource),
      ),
    ),
  );
}

/** @param {AskResponse} response @param {Answer} best */
function renderFoot(response, best) {
  return el(
    "footer",
    { class: "answer-foot" },
    renderCopyButton(response.question, best),
    el("span", { "data-testid": "timing" }, strings.answeredIn(response.took_ms.total, response.generation)),
    renderSearched(response),
  );
}

/** @param {AskResponse} response */
export function renderSearched({ question, searched }) {
  if (!searched || searched === question) return null;
  return el("span", { dir: "auto", "data-testid": "searched" }, strings.searchedAs(searched));
}
