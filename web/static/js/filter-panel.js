// The panel in which filters are chosen: by source, by document, by date.

import { changeFilters, chosenFilters } from "./filters.js";
import { el, find } from "./dom.js";
import { originOf } from "./format.js";
import { language, strings } from "./strings.js";
import { libraryDocuments } from "./library.js";

/** @typedef {import("./types.js").DocumentSummary} DocumentSummary */

const panel = find("#filter-panel");
const source = /** @type {HTMLSelectElement} */ (find("#filter-source"));
const single = /** @type {HTMLSelectElement} */ (find("#filter-document"));
const from = /** @type {HTMLInputElement} */ (find("#filter-from"));
const to = /** @type {HTMLInputElement} */ (find("#filter-to"));

const byName = new Intl.Collator(language, { numeric: true });

/** @type {HTMLElement|null} */
let opener = null;

source.addEventListener("change", () => add(source, bySource(libraryDocuments()), () => ({ origin: source.value })));
single.addEventListener("change", () => add(single, byTitle(libraryDocuments()), ([chosen]) => ({ source: chosen.source })));
for (const input of [from, to]) input.addEventListener("change", setDates);
panel.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  close();
});

/** @param {HTMLElement} button */
export function toggleFilterPanel(button) {
  opener = button;
  if (!panel.hidden) return close();
  fill();
  panel.hidden = false;
  button.ariaExpanded = "true";
  source.focus();
}

function close() {
  panel.hidden = true;
  if (!opener) return;
  opener.ariaExpanded = "false";
  opener.focus();
}

/** The library may have changed since it was open last. */
function fill() {
  const documents = libraryDocuments();
  const sources = [...bySource(documents)];
  source.replaceChildren(option("", strings.filterAll), ...sources.map(([name, { length: count }]) => option(name, strings.filterCount({ name, count }))));
  single.replaceChildren(option("", strings.filterAdd), ...[...byTitle(documents).keys()].map((name) => option(name, name)));
  const chosen = chosenFilters();
  [from.value, to.value] = [chosen.from, chosen.to];
}

/** @param {string} value @param {string} label */
const option = (value, label) => el("option", { value, dir: "auto" }, label);

/**
 * @param {HTMLSelectElement} select
 * @param {Map<string, DocumentSummary[]>} groups
 * @param {(documents: DocumentSummary[]) => {origin: string}|{source: string}} lasting  what the group is known by later
 */
function add(select, groups, lasting) {
  const { value: name } = select;
  const documents = groups.get(name);
  const { groups: chosen } = chosenFilters();
  if (documents && !chosen.some((group) => group.name === name)) {
    changeFilters({ groups: [...chosen, { name, ids: documents.map(({ id }) => id), ...lasting(documents) }] });
  }
  select.value = "";
}

function setDates() {
  // The server refuses a range that ends before it begins; the last input given is what is meant.
  if (from.value && to.value && from.value > to.value) (document.activeElement === from ? to : from).value = "";
  changeFilters({ from: from.value, to: to.value });
}

/** Documents by where they come from: the host, the folder, or how. @param {DocumentSummary[]} documents */
function bySource(documents) {
  return grouped(documents, ({ source: path }) => originOf(path));
}

/** Documents of one title are told apart by number. @param {DocumentSummary[]} documents */
function byTitle(documents) {
  const seen = new Map();
  return grouped(documents, ({ title }) => {
    const number = (seen.get(title) ?? 0) + 1;
    seen.set(title, number);
    return number === 1 ? title : strings.filterCount({ name: title, count: number });
  });
}

/** @param {DocumentSummary[]} documents @param {(document: DocumentSummary) => string} nameOf */
function grouped(documents, nameOf) {
  /** @type {Map<string, DocumentSummary[]>} */
  const groups = new Map();
  for (const document of documents) {
    const name = nameOf(document);
    groups.set(name, [...(groups.get(name) ?? []), document]);
  }
  return new Map([...groups].sort(([a], [b]) => byName.compare(a, b)));
}
