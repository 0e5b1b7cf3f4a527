import { find } from "./dom.js";

const TOGETHER_MS = 700;

let said = "";
let saidAt = -Infinity;

/**
 * Speaks a sentence to screen readers without moving the focus. What follows at once is
 * spoken together with it, so that neither is lost.
 * @param {string} sentence
 */
export function announce(sentence) {
  const now = performance.now();
  said = now - saidAt < TOGETHER_MS && said !== sentence ? `${said} ${sentence}` : sentence;
  saidAt = now;
  find("#announcer").textContent = said;
}
