// Copies an answer together with what is needed to check it.

import { announce } from "./announce.js";
import { quotedVerb } from "./attribution.js";
import { el } from "./dom.js";
import { readableDate } from "./format.js";
import { stateOf } from "./standings.js";
import { strings } from "./strings.js";

/** @typedef {import("./types.js").Answer} Answer */

const LABEL_RETURNS_AFTER_MS = 2000;

/** @param {string} question @param {Answer[]} answers */
export function renderCopyButton(question, answers) {
  const button = el("button", { class: "button-plain copy", type: "button", "data-testid": "copy" }, strings.copy);
  return copying(button, () => answersAsText(question, answers));
}

/** @param {() => string} address */
export function renderLinkButton(address) {
  const button = el("button", { class: "button-plain copy", type: "button", "data-testid": "copy-link" }, strings.copyLink);
  return copying(button, address);
}

/**
 * Lets a button copy a text, and say so in its place.
 * @template {HTMLElement} T
 * @param {T} button
 * @param {() => string} text
 */
export function copying(button, text) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const outcome = (await writeClipboard(text())) ? strings.copied : strings.copyFailed;
    button.textContent = outcome;
    announce(outcome);
    setTimeout(() => (button.textContent = label), LABEL_RETURNS_AFTER_MS);
  });
  return button;
}

/** @param {string} question @param {Answer[]} answers */
const answersAsText = (question, answers) => [strings.copiedQuestion({ question }), ...answers.map(answerAsText)].join("\n");

/** @param {Answer} answer */
function answerAsText(answer) {
  const citations = answer.citations.map((citation, index) => {
    const { quote, title, author, date, source, page, start, end, sentence, attribution } = citation;
    const details = [author, date && readableDate(date)].filter(Boolean).join(", ");
    const place = [source, page && strings.page({ page }), strings.copiedPlace({ start, end })].filter(Boolean).join(", ");
    const said = attribution?.speaker ? [`${attribution.speaker.text} ${quotedVerb(attribution.verb)}`.trim()] : [];
    const titled = details ? `${title} (${details})` : title;
    const gone = stateOf(citation) === "gone" ? [strings.citationStanding.gone] : [];
    return [`[${index + 1}] “${quote}”`, titled, place, ...said, ...gone, sentence.text.trim()].join("\n    ");
  });
  return [strings.copiedAnswer({ text: answer.text }), "", ...citations, ""].join("\n");
}

/** @param {string} text @returns {Promise<boolean>} */
async function writeClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/**
 * The clipboard interface is missing where the page is not served from this machine.
 * @param {string} text
 */
function copyBySelection(text) {
  const focused = document.activeElement;
  const holder = el("textarea", { class: "visually-hidden", "aria-hidden": "true", tabindex: -1 });
  holder.value = text;
  document.body.append(holder);
  holder.select();
  const copied = document.execCommand("copy");
  holder.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
