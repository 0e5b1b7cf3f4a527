// Which documents are searched: the filters in force, shown as chips above the question.

import { announce } from "./announce.js";
import { el, find, icon } from "./dom.js";
import { originOf, readableDate } from "./format.js";
import { libraryDocuments } from "./library.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").Filters} Filters
 * @typedef {{name: string, ids: number[], origin?: string, source?: string}} Group  documents that were chosen together
 * @typedef {{groups: Group[], from: string, to: string}} Chosen
 */

const KEY = "filters.v1";
const NAMED_AT_MOST = 3;

/** @type {Chosen} */
let chosen = load();

export const chosenFilters = () => chosen;

/** @returns {Filters|undefined}  as the API takes them */
export function currentFilters() {
  const ids = [...new Set(chosen.groups.flatMap(idsNow))];
  const filters = {
    ...(ids.length > 0 ? { document_ids: ids } : {}),
    ...(chosen.from ? { date_from: chosen.from } : {}),
    ...(chosen.to ? { date_to: chosen.to } : {}),
  };
  return Object.keys(filters).length > 0 ? filters : undefined;
}

/** Of an origin also what was added since; of a document that was brought back its new id. @param {Group} group */
function idsNow({ ids, origin, source }) {
  const documents = libraryDocuments().filter((document) => (origin === undefined ? document.source === source : originOf(document.source) === origin));
  return documents.length > 0 ? documents.map(({ id }) => id) : ids; // with no id at all everything would be searched
}

/** @param {Partial<Chosen>} change */
export function changeFilters(change) {
  chosen = { ...chosen, ...change };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(chosen));
  } catch {
    // Storage may be full or forbidden; the filters then last as long as the page.
  }
  showChips();
  const words = chipsOf().map(({ name }) => name);
  announce(words.length > 0 ? strings.filterChanged({ filters: words.join(", ") }) : strings.filterCleared);
}

export function startFilters() {
  const button = find("#filters");
  button.addEventListener("click", async () => {
    const { toggleFilterPanel } = await import("./filter-panel.js");
    toggleFilterPanel(button);
  });
  showChips();
}

/** @param {Filters} filters @returns {string[]} */
export function filtersInWords({ document_ids: ids = [], sources = [], date_from: from, date_to: to }) {
  const titles = new Map(libraryDocuments().map(({ id, title }) => [id, title]));
  const known = ids.map((id) => titles.get(id)).filter((title) => title !== undefined);
  const named = ids.length <= NAMED_AT_MOST && known.length === ids.length;
  return [...(named ? known : [strings.libraryDocuments({ count: ids.length })]), ...sources, ...datesInWords(from, to)];
}

/** @param {string|null} [from] @param {string|null} [to] */
function datesInWords(from, to) {
  if (from && to) return [strings.filterDates({ from: readableDate(from), to: readableDate(to) })];
  if (from) return [strings.filterFrom({ from: readableDate(from) })];
  return to ? [strings.filterTo({ to: readableDate(to) })] : [];
}

/** @returns {{name: string, without: Partial<Chosen>}[]} */
function chipsOf() {
  const groups = chosen.groups.map((group) => ({ name: group.name, without: { groups: chosen.groups.filter((other) => other !== group) } }));
  return [...groups, ...datesInWords(chosen.from, chosen.to).map((name) => ({ name, without: { from: "", to: "" } }))];
}

function showChips() {
  const list = find("#filter-chips");
  const chips = chipsOf();
  list.replaceChildren(...chips.map(renderChip));
  list.hidden = chips.length === 0;
  find("#filters").toggleAttribute("data-active", chips.length > 0);
}

/** @param {{name: string, without: Partial<Chosen>}} chip */
function renderChip({ name, without }) {
  const remove = () => {
    changeFilters(without);
    (document.querySelector("#filter-chips button") ?? find("#question")).focus();
  };
  return el(
    "li",
    { class: "chip", "data-testid": "filter-chip" },
    el("bdi", { class: "chip-name" }, name),
    el("button", { class: "chip-remove", type: "button", "aria-label": strings.filterDrop({ filter: name }), click: remove }, icon("close")),
  );
}

/** @returns {Chosen} */
function load() {
  const none = { groups: [], from: "", to: "" };
  try {
    return { ...none, ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
  } catch {
    return none;
  }
}
