// The question box: grows with its text, counts near the limit, recalls earlier questions.

import { find } from "./dom.js";
import { strings } from "./strings.js";

const COUNT_FROM = 0.8;
const MOST_ROWS = 8;

/** @type {HTMLTextAreaElement} */
let input;
/** @type {HTMLButtonElement} */
let send;
/** @type {HTMLElement} */
let counter;
let busy = false;
/** @type {() => string[]} */
let earlierQuestions = () => [];
/** How far back the box shows an earlier question; 0 while it shows the user's own text. */
let recalled = 0;

/**
 * @param {(question: string) => void} onAsk
 * @param {() => string[]} questions  oldest first
 */
export function startComposer(onAsk, questions) {
  input = /** @type {HTMLTextAreaElement} */ (find("#question"));
  send = /** @type {HTMLButtonElement} */ (find("#send"));
  counter = find("#composer-counter");
  earlierQuestions = questions;
  find("#composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(onAsk);
  });
  input.addEventListener("input", () => {
    recalled = 0;
    refresh();
  });
  input.addEventListener("keydown", (event) => onKey(event, onAsk));
  // A browser may restore text before this script runs.
  refresh();
}

export const focusQuestion = () => input.focus();

/** A question that cannot be asked as it is, to be changed; what was typed meanwhile stays. @param {string} question */
export function giveBack(question) {
  if (input.value === "") setText(question);
}

/** @param {boolean} value */
export function setBusy(value) {
  busy = value;
  refresh();
}

/** @param {KeyboardEvent} event @param {(question: string) => void} onAsk */
function onKey(event, onAsk) {
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    submit(onAsk);
  } else if (event.key === "ArrowUp" && (input.value === "" || recalled > 0)) {
    recall(event, recalled + 1);
  } else if (event.key === "ArrowDown" && recalled > 0) {
    recall(event, recalled - 1);
  }
}

/** @param {(question: string) => void} onAsk */
function submit(onAsk) {
  const question = input.value.trim();
  if (busy || question === "") return;
  if (send.matches(":focus-visible")) input.focus(); // the button will be disabled, which drops the focus
  setText("");
  recalled = 0;
  onAsk(question);
}

/** @param {KeyboardEvent} event @param {number} back */
function recall(event, back) {
  const question = back === 0 ? "" : earlierQuestions().at(-back);
  if (question === undefined) return;
  event.preventDefault();
  recalled = back;
  setText(question);
}

/** @param {string} text */
function setText(text) {
  input.value = text;
  refresh();
}

function refresh() {
  send.disabled = busy || input.value.trim() === "";
  showCount();
  fitRows();
}

function showCount() {
  const used = input.value.length;
  const near = used >= input.maxLength * COUNT_FROM;
  counter.textContent = near ? strings.charactersUsed({ used, limit: input.maxLength }) : "";
  counter.toggleAttribute("data-full", used >= input.maxLength);
}

/** Browsers that cannot size the box in CSS get whole rows instead. */
function fitRows() {
  if (CSS.supports("field-sizing", "content")) return;
  const lineHeight = parseFloat(getComputedStyle(input).lineHeight);
  input.rows = 1;
  input.rows = Math.min(MOST_ROWS, Math.max(1, Math.floor(input.scrollHeight / lineHeight)));
}
