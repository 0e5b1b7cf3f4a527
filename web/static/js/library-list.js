// The list of documents, the newest first. Rows that stay keep their element, and so the focus.

import { el, find, icon } from "./dom.js";
import { readableDate, sourceName, sourcePath } from "./format.js";
import { strings } from "./strings.en.js";

/** @typedef {import("./types.js").DocumentSummary} DocumentSummary */

const filter = /** @type {HTMLInputElement} */ (find("#library-filter-input"));
const list = find("#library-list");

/** @type {(documentId: number, opener: HTMLElement) => void} */
let open = () => {};
/** @type {Map<string, HTMLElement>} */
let rows = new Map();

/** @param {(documentId: number, opener: HTMLElement) => void} onOpen */
export function startList(onOpen) {
  open = onOpen;
  filter.addEventListener("input", applyFilter);
}

/** @param {DocumentSummary[]} documents */
export function showDocuments(documents) {
  const copies = nameCopies(documents);
  const shown = new Map();
  for (const summary of [...documents].reverse()) {
    const note = copies.get(summary.id) ?? null;
    const key = JSON.stringify([summary, note]);
    shown.set(key, rows.get(key) ?? renderRow(summary, note));
  }
  place([...shown.values()]);
  rows = shown;
  find("#library-filter").hidden = documents.length === 0;
  applyFilter();
}

/**
 * The first of several near copies is named by the others.
 * @param {DocumentSummary[]} documents  in the order they were added
 * @returns {Map<number, DocumentSummary|number>}  the document that one copies, or how many copy it
 */
function nameCopies(documents) {
  /** @type {Map<number, DocumentSummary[]>} */
  const voices = new Map();
  for (const summary of documents) voices.set(summary.voice, [...(voices.get(summary.voice) ?? []), summary]);
  const named = new Map();
  for (const [first, ...others] of voices.values()) {
    if (others.length > 0) named.set(first.id, others.length);
    for (const { id } of others) named.set(id, first);
  }
  return named;
}

/** @param {HTMLElement[]} wanted */
function place(wanted) {
  const kept = new Set(wanted);
  for (const row of [...list.children]) if (!kept.has(/** @type {HTMLElement} */ (row))) row.remove();
  let next = list.firstElementChild;
  for (const row of wanted) {
    if (row === next) next = row.nextElementSibling;
    else list.insertBefore(row, next);
  }
}

/** @param {DocumentSummary} summary @param {DocumentSummary|number|null} copies */
function renderRow(summary, copies) {
  const { id, title, source } = summary;
  const row = el(
    "li",
    { class: "library-row", "data-search": `${title}\n${sourceName(source)}`.toLocaleLowerCase() },
    el(
      "button",
      {
        class: "row library-item",
        type: "button",
        title: sourcePath(source),
        "data-testid": "library-item",
        "data-document": id,
        click: (/** @type {MouseEvent} */ event) => open(id, /** @type {HTMLElement} */ (event.currentTarget)),
      },
      el("span", { class: "library-item-title", dir: "auto" }, title),
      renderMeta(summary),
      copies !== null && renderCopies(copies),
    ),
    el(
      "button",
      {
        class: "button-icon library-remove",
        type: "button",
        title: strings.removeDocument,
        "aria-label": strings.removeNamed(title),
        "data-testid": "library-remove",
        click: () => askToRemove(summary, row),
      },
      icon("remove"),
    ),
  );
  return row;
}

/** @param {DocumentSummary} summary */
function renderMeta({ source, author, date, passages }) {
  return el(
    "span",
    { class: "library-item-meta" },
    el("bdi", {}, sourceName(source)),
    author ? " · " : null,
    author ? el("bdi", {}, author) : null,
    date ? " · " : null,
    date ? el("time", { datetime: date }, readableDate(date)) : null,
    ` · ${strings.documentPassages(passages)}`,
  );
}

/** @param {DocumentSummary|number} copies */
function renderCopies(copies) {
  const note = { class: "library-item-copy", "data-testid": "near-copy" };
  if (typeof copies === "number") return el("span", note, strings.hasCopies(copies));
  return el("span", note, strings.nearCopyOf, " ", el("bdi", {}, copies.title));
}

/** @param {DocumentSummary} summary @param {HTMLElement} row */
async function askToRemove(summary, row) {
  const { confirmRemoval } = await import("./remove-document.js");
  confirmRemoval(summary, row);
}

function applyFilter() {
  const wanted = filter.value.trim().toLocaleLowerCase();
  const entries = [...rows.values()];
  for (const entry of entries) entry.hidden = !(entry.dataset.search ?? "").includes(wanted);
  const shown = entries.filter((entry) => !entry.hidden).length;
  find("#library-note").textContent = entries.length === 0 ? strings.libraryEmpty : shown === 0 ? strings.libraryNoMatch : "";
}
