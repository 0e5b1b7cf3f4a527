// Copies an answer together with what is needed to check it.

import { announce } from "./announce.js";
import { el } from "./dom.js";
import { readableDate } from "./format.js";
import { stateOf } from "./standings.js";
import { strings } from "./strings.en.js";

/** @typedef {import("./types.js").Answer} Answer */

const LABEL_RETURNS_AFTER_MS = 2000;

/** @param {string} question @param {Answer} answer */
export function renderCopyButton(question, answer) {
  const button = el("button", { class: "button-plain copy", type: "button", "data-testid": "copy" }, strings.copy);
  button.addEventListener("click", async () => {
    const outcome = (await writeClipboard(answerAsText(question, answer))) ? strings.copied : strings.copyFailed;
    button.textContent = outcome;
    announce(outcome);
    setTimeout(() => (button.textContent = strings.copy), LABEL_RETURNS_AFTER_MS);
  });
  return button;
}

/** @param {string} question @param {Answer} answer */
function answerAsText(question, answer) {
  const citations = answer.citations.map((citation, index) => {
    const { quote, title, author, date, source, page, start, end, sentence } = citation;
    const details = [author, date && readableDate(date)].filter(Boolean).join(", ");
    const place = [source, page && strings.page(page), strings.copiedPlace(start, end)].filter(Boolean).join(", ");
    const titled = details ? `${title} (${details})` : title;
    const gone = stateOf(citation) === "gone" ? [strings.citationStanding.gone] : [];
    return [`[${index + 1}] “${quote}”`, titled, place, ...gone, sentence.text.trim()].join("\n    ");
  });
  return [strings.copiedQuestion(question), strings.copiedAnswer(answer.text), "", ...citations, ""].join("\n");
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
