// A link that saves a file. A browser sends no key with a link, so where there is one the page fetches the file itself.

import { announce } from "./announce.js";
import { ApiError, reach } from "./api.js";
import { problemOf } from "./problems.js";
import { el } from "./dom.js";
import { currentKey } from "./key.js";

const KEPT_MS = 60_000; // the browser may ask where to save it first

/** @param {HTMLAnchorElement} link */
export function downloading(link) {
  link.addEventListener("click", async (event) => {
    if (!currentKey() || !link.hasAttribute("download")) return;
    event.preventDefault();
    try {
      await save(link.href);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      announce(error.message);
    }
  });
}

/** @param {string} address */
async function save(address) {
  const response = await reach(address, {});
  if (!response.ok) throw new ApiError(await problemOf(response), response.status);
  const url = URL.createObjectURL(await response.blob());
  el("a", { href: url, download: nameIn(response.headers.get("Content-Disposition") ?? "") }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/** @param {string} disposition */
function nameIn(disposition) {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1];
  return encoded ? decodeURIComponent(encoded) : "";
}
