// Loads the source panel when it is first wanted, so that the first page stays light.

import { announce } from "./announce.js";
import { find, loadStyle } from "./dom.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").SourceRequest} SourceRequest
 * @typedef {typeof import("./source-panel.js")} SourcePanel
 */

/** @type {SourcePanel|null} */
let panel = null;
/** @type {Promise<void>|null} */
let style = null;

export async function loadSourcePanel() {
  if (panel) return panel;
  style ??= loadStyle("source.css");
  const loaded = await import("./source-panel.js");
  await style;
  if (!panel) loaded.startSourcePanel(() => find("#question"));
  panel = loaded;
  return panel;
}

/** @param {SourceRequest} request @param {HTMLElement|null} opener */
export async function openSource(request, opener) {
  try {
    await loadSourcePanel();
  } catch {
    announce(strings.noAnswerFromServer);
    find("#library-note").textContent = strings.noAnswerFromServer;
    return;
  }
  await panel?.openSource(request, opener);
}

/** @param {import("./deep-link.js").Link} link @param {import("./types.js").Turn[]} turns @param {HTMLElement|null} opener */
export async function openLink(link, turns, opener) {
  const { recoverRequest } = await import("./recover-request.js");
  await openSource(recoverRequest(link, turns), opener);
}

/** @param {number[]} ids  of the documents that the library holds now */
export function followLibraryInPanel(ids) {
  panel?.libraryChanged(ids);
}

export function closeSource() {
  panel?.closeSource();
}
