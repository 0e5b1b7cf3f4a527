// The key that a server asks for which does not answer everybody. It lasts as long as the tab.

import { host } from "./host.js";

const STORED = "key.v1";

/** In memory too, where storage is forbidden. */
let entered = "";

export function currentKey() {
  if (host) return host.key;
  try {
    return entered || sessionStorage.getItem(STORED);
  } catch {
    return entered || null;
  }
}

/** @param {string} key  empty: there is none any more */
export function useKey(key) {
  entered = key;
  try {
    if (key) sessionStorage.setItem(STORED, key);
    else sessionStorage.removeItem(STORED);
  } catch {
    // It then lasts as long as the page.
  }
}
