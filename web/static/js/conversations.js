// The pane of kept conversations: search, open, rename, export, delete.

import { announce } from "./announce.js";
import { ApiError } from "./api.js";
import { deleteConversation, listConversations, restoreConversation } from "./api-conversations.js";
import { renderRow } from "./conversation-row.js";
import { find } from "./dom.js";
import { strings } from "./strings.js";
import { offerUndo } from "./undo.js";

/**
 * @typedef {import("./api-conversations.js").Summary} Summary
 * @typedef {{open: (id: string) => void, current: () => string|null, deleted: (id: string) => void}} Actions
 */

const TYPING_MS = 200;

const list = find("#conversations-list");
const note = find("#conversations-note");
const search = /** @type {HTMLInputElement} */ (find("#conversations-search"));
const more = /** @type {HTMLButtonElement} */ (find("#conversations-more"));

/** @type {Actions} */
let actions;
/** @type {number|null} */
let next = null;
let timer = 0;
let asked = 0;

/** @param {Actions} wanted */
export function startConversations(wanted) {
  actions = wanted;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => refreshConversations({ announced: true }), TYPING_MS);
  });
  more.addEventListener("click", showMore);
}

/** @param {{announced?: boolean}} [options]  whether the number found is spoken */
export async function refreshConversations({ announced = false } = {}) {
  const page = await ask(null);
  if (!page) return;
  list.replaceChildren(...page.conversations.map(render));
  note.textContent = page.conversations.length > 0 ? "" : search.value.trim() ? strings.conversationsNotFound : strings.conversationsNone;
  if (announced && !page.next) announce(note.textContent || strings.conversationsFound({ count: page.conversations.length }));
}

async function showMore() {
  const page = await ask(next);
  if (!page) return;
  const rows = page.conversations.map(render);
  list.append(...rows);
  if (rows[0]) find(".conversation-open", rows[0]).focus();
}

/** @param {number|null} cursor */
async function ask(cursor) {
  const number = (asked += 1);
  try {
    const page = await listConversations({ search: search.value.trim(), cursor });
    if (number !== asked) return null; // a later question overtook it
    page.conversations = page.conversations.filter(isWorthListing);
    next = page.next;
    more.hidden = next === null;
    return page;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    note.textContent = error.message;
    return null;
  }
}

/** One whose first question got no answer holds nothing. @param {Summary} summary */
const isWorthListing = ({ id, title, turns }) => turns > 0 || title !== "" || id === actions.current();

/** @param {Summary} summary */
function render(summary) {
  return renderRow(summary, { isCurrent: summary.id === actions.current(), onOpen: () => actions.open(summary.id), onDelete: (row) => remove(summary, row) });
}

/** @param {Summary} summary @param {HTMLElement} row */
async function remove(summary, row) {
  await deleteConversation(summary.id);
  const title = find(".conversation-title", row).textContent ?? "";
  row.remove();
  actions.deleted(summary.id);
  const undo = offerUndo(find("#conversations-undo"), title, () => bringBack(summary.id), () => search.focus());
  undo.focus();
  if (!list.childElementCount) await refreshConversations();
}

/** @param {string} id */
async function bringBack(id) {
  await restoreConversation(id);
  await refreshConversations();
  const row = list.querySelector(`[data-conversation="${CSS.escape(id)}"] .conversation-open`);
  /** @type {HTMLElement} */ (row ?? search).focus();
}
