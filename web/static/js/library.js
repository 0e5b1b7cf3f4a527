// What the library holds: the counts in the header, the list, and word of every change.

import { ApiError, listDocuments, readStatus } from "./api.js";
import { el, find } from "./dom.js";
import { showDocuments, startList } from "./library-list.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").DocumentList} DocumentList
 * @typedef {(library: DocumentList) => void} Changed
 */

/** @type {Changed} */
let changed = () => {};
/** @type {DocumentList|null} */
let shown = null;

/**
 * @param {(documentId: number, opener: HTMLElement) => void} onOpen
 * @param {Changed} onChange  called with every generation that is shown, the first one too
 */
export function startLibrary(onOpen, onChange) {
  changed = onChange;
  startList(onOpen);
  find("#library-note").textContent = strings.libraryLoading;
  return refreshLibrary();
}

/** @returns {import("./types.js").DocumentSummary[]} */
export const libraryDocuments = () => shown?.documents ?? [];

/** @param {string} source */
export const holdsSource = (source) => shown?.documents.some((document) => document.source === source) ?? false;

/**
 * Documents can be added while the page is open; the generation tells whether they were.
 * @param {number} [generation]  where it is already known
 */
export async function refreshLibrary(generation) {
  if (generation !== undefined && generation === shown?.generation) return;
  try {
    const status = await readStatus();
    showStatus(status);
    if (status.generation !== shown?.generation) showLibrary(await listDocuments());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    showUnavailable(error.message);
  }
}

/** The counts alone: cheap enough to be asked for again and again. */
export async function refreshCounts() {
  showStatus(await readStatus());
}

/** @param {import("./types.js").Status} status */
function showStatus({ documents, passages }) {
  find("#library-status").replaceChildren(
    strings.libraryDocuments({ count: documents }),
    el("span", { class: "library-passages" }, ` · ${strings.documentPassages({ count: passages })}`),
  );
  showEmpty(documents === 0);
}

/** @param {boolean} empty */
function showEmpty(empty) {
  const invitation = find("#library-empty");
  const hadFocus = invitation.contains(document.activeElement);
  invitation.hidden = !empty;
  if (!empty && hadFocus) find("#question").focus();
}

/** @param {DocumentList} library */
function showLibrary(library) {
  if (shown && library.generation < shown.generation) return; // two answers overtook each other
  shown = library;
  showDocuments(library.documents);
  changed(library);
}

/** @param {string} detail */
function showUnavailable(detail) {
  shown = null;
  find("#library-status").textContent = strings.libraryUnavailable;
  find("#library-note").textContent = detail;
}
