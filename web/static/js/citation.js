// A citation: a numbered button that opens the source, and the sentence with the exact words marked.

import { renderConfidence } from "./confidence.js";
import { el } from "./dom.js";
import { fileName, readableDate } from "./format.js";
import { strings } from "./strings.en.js";
import { codeUnitOffsets } from "./text.js";

/**
 * @typedef {import("./types.js").Citation} Citation
 * @typedef {import("./types.js").Answer} Answer
 * @typedef {(request: import("./types.js").SourceRequest, opener: HTMLElement) => void} OpenSource
 */

/** @param {Answer} answer @param {OpenSource} openSource */
export function renderCitations(answer, openSource) {
  const many = answer.citations.length > 1;
  return el(
    "ol",
    { class: "citations" },
    ...answer.citations.map((citation, index) =>
      el(
        "li",
        { class: "citation-item" },
        renderButton(answer, index, many, openSource),
        // The first sentence already stands in full above the list.
        index > 0 && renderSentence(citation, "p", "citation-sentence"),
      ),
    ),
  );
}

/**
 * @param {Citation} citation
 * @param {"blockquote"|"p"} tag
 * @param {string} className
 * @param {string} [markTestId]
 */
export function renderSentence(citation, tag, className, markTestId) {
  const [before, quote, after] = splitSentence(citation);
  const mark = el("mark", { "data-testid": markTestId }, quote);
  return el(tag, { class: className, dir: "auto" }, before, mark, after);
}

/**
 * Shows the quote alone where the sentence does not hold it: a mark never stands on other words.
 * @param {Citation} citation
 * @returns {[string, string, string]}
 */
function splitSentence({ sentence, start, end, quote }) {
  const from = start - sentence.start;
  const to = end - sentence.start;
  const units = codeUnitOffsets(sentence.text, [from, to]);
  const left = units.get(from) ?? 0;
  const right = units.get(to) ?? 0;
  if (from < 0 || sentence.text.slice(left, right) !== quote) return ["", quote, ""];
  return [sentence.text.slice(0, left), quote, sentence.text.slice(right)];
}

/** @param {Answer} answer @param {number} index @param {boolean} withConfidence @param {OpenSource} openSource */
function renderButton(answer, index, withConfidence, openSource) {
  const citation = answer.citations[index];
  const request = sourceRequest(answer.citations, citation);
  return el(
    "button",
    {
      class: "row citation",
      type: "button",
      "data-testid": "citation",
      "data-place": `${citation.document_id}:${citation.start}:${citation.end}`,
      click: (/** @type {MouseEvent} */ event) => openSource(request, /** @type {HTMLElement} */ (event.currentTarget)),
    },
    el("span", { class: "citation-number" }, String(index + 1)),
    el("span", { class: "citation-title", dir: "auto" }, citation.title),
    withConfidence && renderConfidence(citation.confidence, { percent: false }),
    renderMeta(citation),
  );
}

/**
 * Every citation of this answer in the clicked citation's document, in reading order.
 * @param {Citation[]} citations
 * @param {Citation} clicked
 * @returns {import("./types.js").SourceRequest}
 */
export function sourceRequest(citations, clicked) {
  const places = citations
    .filter((citation) => citation.document_id === clicked.document_id)
    .sort((a, b) => a.start - b.start || a.end - b.end);
  return {
    documentId: clicked.document_id,
    places: places.map(({ start, end, quote }) => ({ start, end, quote, kind: "answer" })),
    current: places.indexOf(clicked),
  };
}

/** @param {{source: string, date?: string|null}} item */
export function renderMeta({ source, date }) {
  return el(
    "span",
    { class: "citation-meta", title: source },
    el("bdi", {}, fileName(source)),
    date ? " · " : null,
    date ? el("time", { datetime: date }, readableDate(date)) : null,
  );
}
