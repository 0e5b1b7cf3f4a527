// Builds elements. Text is only ever added as text nodes, so nothing in a document can become markup.

import { host } from "./host.js";

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node|string|null|undefined|false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string|number|boolean|null|undefined|((event: any) => void)>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  for (const child of children) if (child) element.append(child);
  return element;
}

/** @param {"remove"|"close"|"more"|"up"|"down"} name  a symbol that the page defines */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "use"));
  svg.firstElementChild?.setAttribute("href", `#icon-${name}`);
  return svg;
}

/**
 * Adds a style sheet that only a part of the page needs.
 * @param {string} name
 * @returns {Promise<void>}  resolved even where it cannot be had: the words matter more
 */
export function loadStyle(name) {
  const link = el("link", { rel: "stylesheet", href: new URL(`../css/${name}`, import.meta.url).href });
  return new Promise((resolve) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => resolve());
    document.head.append(link);
  });
}

/** Everything that is ours: the page, or the embedded box in another's. */
export const root = () => host?.root ?? document;

/** @param {string} selector @param {ParentNode} [within] */
export function find(selector, within = root()) {
  const element = within.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`The page has no ${selector}`);
  return element;
}

/** @param {HTMLElement} element @param {string} name @param {unknown} value */
function setAttribute(element, name, value) {
  if (typeof value === "function") element.addEventListener(name, /** @type {EventListener} */ (value));
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
}
