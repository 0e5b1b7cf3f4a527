// The list of documents, the newest first. Rows that stay keep their element, and so the focus.

import { el, find, icon } from "./dom.js";
import { readableDate, sourceName, sourcePath } from "./format.js";
import { language, strings } from "./strings.js";

/** @typedef {import("./types.js").DocumentSummary} DocumentSummary */

const filter = /** @type {HTMLInputElement} */ (find("#library-filter-input"));
const sort = /** @type {HTMLSelectElement} */ (find("#library-sort"));
const list = find("#library-list");

const LONG_FROM = 200; // documents; of a longer list only what is in sight is laid out
const SORT_KEY = "library-sort.v1";
const byTitle = new Intl.Collator(language, { numeric: true });

/** The documents come in the order in which they were added. @type {Record<string, (a: DocumentSummary, b: DocumentSummary) => number>} */
const ORDERS = {
  new: (a, b) => b.id - a.id,
  date: (a, b) => (b.date ?? "").localeCompare(a.date ?? "") || b.id - a.id,
  title: (a, b) => byTitle.compare(a.title, b.title) || a.id - b.id,
  size: (a, b) => b.characters - a.characters || b.id - a.id,
};

/** @type {(documentId: number, opener: HTMLElement) => void} */
let open = () => {};
/** @type {Map<string, HTMLElement>} */
let rows = new Map();
/** @type {DocumentSummary[]} */
let listed = [];

/** @param {(documentId: number, opener: HTMLElement) => void} onOpen */
export function startList(onOpen) {
  open = onOpen;
  filter.addEventListener("input", applyFilter);
  sort.value = storedOrder();
  sort.addEventListener("change", () => {
    storeOrder(sort.value);
    showDocuments(listed);
  });
}

/** @param {DocumentSummary[]} documents */
export function showDocuments(documents) {
  listed = documents;
  const copies = nameCopies(documents);
  const shown = new Map();
  for (const summary of documents.toSorted(ORDERS[sort.value] ?? ORDERS.new)) {
    const note = copies.get(summary.id) ?? null;
    const key = JSON.stringify([summary, note]);
    shown.set(key, rows.get(key) ?? renderRow(summary, note));
  }
  place([...shown.values()]);
  rows = shown;
  list.toggleAttribute("data-long", documents.length > LONG_FROM);
  find("#library-filter").hidden = documents.length === 0;
  find("#library-about").hidden = false; // from the start it would be pushed down by the list
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
        "aria-label": strings.removeNamed({ title }),
        "data-testid": "library-remove",
        click: () => askToRemove(summary, row),
      },
      icon("remove"),
    ),
  );
  return row;
}

/** @param {DocumentSummary} summary */
function renderMeta({ source, author, date, characters }) {
  return el(
    "span",
    { class: "library-item-meta" },
    el("bdi", {}, sourceName(source)),
    author ? " · " : null,
    author ? el("bdi", {}, author) : null,
    date ? " · " : null,
    date ? el("time", { datetime: date }, readableDate(date)) : null,
    ` · ${strings.documentCharacters({ count: characters })}`,
  );
}

/** @param {DocumentSummary|number} copies */
function renderCopies(copies) {
  const note = { class: "library-item-copy", "data-testid": "near-copy" };
  if (typeof copies === "number") return el("span", note, strings.hasCopies({ count: copies }));
  return el("span", note, strings.nearCopyOf, " ", el("bdi", {}, copies.title));
}

function storedOrder() {
  try {
    const order = localStorage.getItem(SORT_KEY) ?? "new";
    return order in ORDERS ? order : "new";
  } catch {
    return "new"; // storage is forbidden
  }
}

/** @param {string} order */
function storeOrder(order) {
  try {
    localStorage.setItem(SORT_KEY, order);
  } catch {
    // It then lasts as long as the page.
  }
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
