// The conversation on the page: one list item a turn, its result replaced as the turn moves on.

import { el, find, loadStyle, root } from "./dom.js";
import { renderFailure } from "./failure.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").Turn} Turn
 * @typedef {import("./types.js").Filters} Filters
 *
 * @typedef {Object} ChatActions
 * @property {import("./citation.js").OpenSource} openSource
 * @property {(turn: Turn) => void} retry
 * @property {(turn: Turn) => void} cancel
 * @property {(question: string, options?: {filters?: Filters, history?: []}) => void} askAgain
 * @property {(turn: Turn) => string} linkTo
 * @property {() => void} save  what a part of a turn has changed in it
 */

/** @type {WeakMap<Turn, HTMLElement>} */
let items = new WeakMap();
/** @typedef {Pick<typeof import("./response.js"), "renderResponse"|"describeResponse">} Responses */

/** @type {Responses|null} */
let responses = null;
/** @type {Promise<void>|null} */
let style = null;

/** Must have finished before a turn with a response is shown. */
export async function loadResponses() {
  if (responses) return responses;
  style ??= loadStyle("answer.css");
  const loaded = await import("./response.js");
  await style;
  return (responses = loaded);
}

/** For the embedded box, which has its own and their style. @param {Responses} own */
export function useResponses(own) {
  responses = own;
}

/** @param {Turn} turn @param {ChatActions} actions */
export function showTurn(turn, actions) {
  const result = find(".turn-result", items.get(turn) ?? addItem(turn));
  const hadFocus = result.contains(root().activeElement);
  result.replaceChildren(renderResult(turn, actions));
  if (hadFocus) result.focus({ preventScroll: true }); // "Retry" and "Cancel" go when they are pressed
}

/** @param {Turn} turn @param {string} words */
export function showStage(turn, words) {
  const shown = items.get(turn)?.querySelector(".searching-words");
  if (shown) shown.textContent = words;
}

/** Puts turns above those that are shown, which stay where they are. @param {Turn[]} turns @param {ChatActions} actions */
export function addOlderTurns(turns, actions) {
  const scroll = find("#chat-scroll");
  const below = scroll.scrollHeight - scroll.scrollTop;
  const first = find("#turns").firstElementChild;
  for (const turn of turns) {
    showTurn(turn, actions);
    find("#turns").insertBefore(/** @type {HTMLElement} */ (items.get(turn)), first);
  }
  scroll.scrollTop = scroll.scrollHeight - below;
}

/** Makes room for these turns, in their order, whichever of them is shown first. @param {Turn[]} turns */
export function replaceTurns(turns) {
  items = new WeakMap();
  find("#turns").replaceChildren();
  turns.forEach(addItem);
}

/** @param {Turn} turn */
export function removeTurn(turn) {
  items.get(turn)?.remove();
}

/** @param {boolean} empty */
export function showWelcome(empty) {
  find("#welcome").hidden = !empty;
}

/**
 * Keeps the question in sight where its answer is taller than the window.
 * @param {Turn} turn
 */
export function scrollToTurn(turn) {
  const item = items.get(turn);
  if (!item) return;
  const fits = item.offsetHeight <= find("#chat-scroll").clientHeight;
  item.scrollIntoView({ block: fits ? "end" : "start" });
}

/** @param {Turn} turn */
function addItem(turn) {
  const item = el(
    "li",
    { class: "turn" },
    el("h2", { class: "question", dir: "auto", "data-testid": "message-question" }, turn.question),
    el("div", { class: "turn-result", tabindex: -1 }),
  );
  items.set(turn, item);
  find("#turns").append(item);
  return item;
}

/** @param {Turn} turn @param {ChatActions} actions */
function renderResult(turn, actions) {
  if (turn.state === "failed") return renderFailure(turn.failure ?? "", () => actions.retry(turn));
  if (turn.response && responses) return responses.renderResponse(turn.response, turn, actions);
  return renderSearching(() => actions.cancel(turn));
}

/** @param {() => void} onCancel */
function renderSearching(onCancel) {
  return el(
    "p",
    { class: "searching", "data-testid": "searching" },
    el("span", { class: "searching-bar", "aria-hidden": "true" }),
    el("span", { class: "searching-words" }, strings.searching),
    el("button", { class: "button-quiet", type: "button", "data-testid": "cancel", click: onCancel }, strings.cancel),
  );
}
