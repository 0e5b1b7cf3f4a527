// A citation: a numbered button that opens the source, the sentence below it, and who says it.

import { renderSentence, renderSpeaker } from "./attribution.js";
import { renderConfidence } from "./confidence.js";
import { el } from "./dom.js";
import { readableDate, sourceName, sourcePath } from "./format.js";
import { followStanding } from "./standing-notes.js";
import { placeOf } from "./standings.js";
import { strings } from "./strings.js";

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
        index > 0 && renderSpeaker(citation),
      ),
    ),
  );
}

/** @param {Answer} answer @param {number} index @param {boolean} withConfidence @param {OpenSource} openSource */
function renderButton(answer, index, withConfidence, openSource) {
  const citation = answer.citations[index];
  const button = el(
    "button",
    {
      class: "row citation",
      type: "button",
      "data-testid": "citation",
      click: (/** @type {MouseEvent} */ event) =>
        openSource(sourceRequest(answer.citations, citation), /** @type {HTMLElement} */ (event.currentTarget)),
    },
    el("span", { class: "citation-number" }, String(index + 1)),
    el("span", { class: "citation-title", dir: "auto" }, citation.title),
    withConfidence && renderConfidence(citation.confidence, { percent: false }),
    renderMeta(citation),
  );
  return followStanding(button, citation);
}

/**
 * Every citation of this answer in the clicked citation's document, in reading order.
 * @param {Citation[]} citations
 * @param {Citation} clicked
 * @returns {import("./types.js").SourceRequest}
 */
export function sourceRequest(citations, clicked) {
  const { document_id: documentId } = placeOf(clicked);
  const places = citations
    .map((citation) => ({ citation, ...placeOf(citation) }))
    .filter(({ document_id: id }) => id === documentId)
    .sort((a, b) => a.start - b.start || a.end - b.end);
  return {
    documentId,
    places: places.map(({ citation, start, end }) => ({ start, end, quote: citation.quote, kind: "answer", citation })),
    current: places.findIndex(({ citation }) => citation === clicked),
  };
}

/** @param {{source: string, author?: string|null, page?: number|null, date?: string|null}} item */
export function renderMeta({ source, author, page, date }) {
  return el(
    "span",
    { class: "citation-meta", title: sourcePath(source) },
    el("bdi", {}, sourceName(source)),
    page ? ` · ${strings.page({ page })}` : null,
    author ? " · " : null,
    author ? el("bdi", {}, author) : null,
    date ? " · " : null,
    date ? el("time", { datetime: date }, readableDate(date)) : null,
  );
}
