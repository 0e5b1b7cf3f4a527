import { find } from "./dom.js";

/**
 * Speaks a sentence to screen readers without moving the focus.
 * @param {string} sentence
 */
export function announce(sentence) {
  find("#announcer").textContent = sentence;
}
