// The list of documents, and the short status in the header.

import { ApiError, listDocuments, readStatus } from "./api.js";
import { el, find } from "./dom.js";
import { fileName, readableDate } from "./format.js";
import { strings } from "./strings.en.js";

/** @typedef {import("./types.js").DocumentSummary} DocumentSummary */

const filter = /** @type {HTMLInputElement} */ (find("#library-filter-input"));

/** @type {(documentId: number, opener: HTMLElement) => void} */
let open = () => {};
/** @type {number|null} */
let shownGeneration = null;

/** @param {(documentId: number, opener: HTMLElement) => void} onOpen */
export function startLibrary(onOpen) {
  open = onOpen;
  filter.addEventListener("input", applyFilter);
  find("#library-note").textContent = strings.libraryLoading;
  return refreshLibrary();
}

/**
 * Documents can be added while the page is open; the generation tells whether they were.
 * @param {number} [generation]  where it is already known
 */
export async function refreshLibrary(generation) {
  if (generation !== undefined && generation === shownGeneration) return;
  try {
    const status = await readStatus();
    showStatus(status);
    if (status.generation !== shownGeneration) await showDocuments();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    showUnavailable(error.message);
  }
}

/** @param {import("./types.js").Status} status */
function showStatus({ documents, passages }) {
  find("#library-status").replaceChildren(
    strings.libraryDocuments(documents),
    el("span", { class: "library-passages" }, ` · ${strings.documentPassages(passages)}`),
  );
  find("#library-empty").hidden = documents > 0;
  const suggestions = document.querySelector("#suggestions");
  if (suggestions instanceof HTMLElement) suggestions.hidden = documents === 0;
}

async function showDocuments() {
  const { documents, generation } = await listDocuments();
  find("#library-list").replaceChildren(...documents.map(renderItem));
  find("#library-filter").hidden = documents.length === 0;
  shownGeneration = generation;
  applyFilter();
}

/** @param {string} detail */
function showUnavailable(detail) {
  shownGeneration = null;
  find("#library-status").textContent = strings.libraryUnavailable;
  find("#library-note").textContent = detail;
}

/** @param {DocumentSummary} summary */
function renderItem({ id, title, source, date, passages }) {
  const item = el(
    "button",
    {
      class: "row library-item",
      type: "button",
      title: source,
      "data-testid": "library-item",
      "data-document": id,
      click: (/** @type {MouseEvent} */ event) => open(id, /** @type {HTMLElement} */ (event.currentTarget)),
    },
    el("span", { class: "library-item-title", dir: "auto" }, title),
    el(
      "span",
      { class: "library-item-meta" },
      el("bdi", {}, fileName(source)),
      date ? " · " : null,
      date ? el("time", { datetime: date }, readableDate(date)) : null,
      ` · ${strings.documentPassages(passages)}`,
    ),
  );
  return el("li", { "data-search": `${title}\n${fileName(source)}`.toLocaleLowerCase() }, item);
}

function applyFilter() {
  const wanted = filter.value.trim().toLocaleLowerCase();
  const entries = /** @type {HTMLElement[]} */ ([...find("#library-list").children]);
  for (const entry of entries) entry.hidden = !(entry.dataset.search ?? "").includes(wanted);
  const shown = entries.filter((entry) => !entry.hidden).length;
  find("#library-note").textContent = entries.length === 0 ? strings.libraryEmpty : shown === 0 ? strings.libraryNoMatch : "";
}
