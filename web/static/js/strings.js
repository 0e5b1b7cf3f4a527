// The words of this page's language, which the server puts into the page, or the embedded box fetches: see static/strings/.
// A message with {places} becomes a function of their values; one with plural forms chooses by {count}.

import { find } from "./dom.js";
import { host } from "./host.js";

/** @typedef {Record<string, string|number>} Values */

export const language = host?.language ?? document.documentElement.lang;

const RULES = new Intl.PluralRules(language);

/** @param {string} message @param {Values} values */
const fill = (message, values) =>
  message.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name] ?? "";
    return typeof value === "number" ? value.toLocaleString(language) : value;
  });

/** @param {any} message @returns {any} */
function build(message) {
  if (typeof message === "string") return message.includes("{") ? (/** @type {Values} */ values) => fill(message, values) : message;
  if ("other" in message) {
    return (/** @type {Values} */ values) => fill(message[RULES.select(Number(values.count))] ?? message.other, values);
  }
  return Object.fromEntries(Object.entries(message).map(([name, part]) => [name, build(part)]));
}

/** @type {Record<string, any>} */
export const strings = build(host?.words ?? JSON.parse(/** @type {HTMLTemplateElement} */ (find("#words")).content.textContent ?? "{}"));
