// What is around these modules: this application's own page, or another site with the box embedded.

/**
 * @typedef {Object} Host
 * @property {string} language
 * @property {Record<string, any>} words
 * @property {string|null} key  for the API; it may only read
 * @property {ShadowRoot} root  that holds the box
 */

/** Null on this application's own page. @type {Host|null} */
export let host = null;

/** Must be called before any module is loaded that shows something. @param {Host} value */
export function setHost(value) {
  host = value;
}

/** Where the application is, wherever the page that loads this is. */
export const BASE = new URL("../../", import.meta.url).href;
