// Asks in the document's own row before it is deleted.

import { ApiError } from "./api.js";
import { removeDocument, restoreDocument } from "./api-library.js";
import { el, find } from "./dom.js";
import { libraryDocuments, refreshLibrary } from "./library.js";
import { strings } from "./strings.js";
import { offerUndo } from "./undo.js";

/** @typedef {import("./types.js").DocumentSummary} DocumentSummary */

const NOT_FOUND = 404;

let close = () => {};

/** @param {DocumentSummary} summary @param {HTMLElement} row */
export function confirmRemoval(summary, row) {
  close();
  const failure = el("p", { class: "form-failure", role: "alert", hidden: true });
  const keep = el("button", { class: "button-plain", type: "button", "data-testid": "remove-keep" }, strings.keep);
  const confirm = el("button", { class: "button-danger", type: "button", "data-testid": "remove-confirm" }, strings.remove);
  const question = el(
    "div",
    { class: "library-confirm", role: "group", "aria-label": strings.removeNamed({ title: summary.title }), "data-testid": "remove-question" },
    el("p", {}, strings.removeQuestion),
    failure,
    el("div", { class: "actions" }, confirm, keep),
  );
  close = () => {
    question.remove();
    row.removeAttribute("data-confirming");
    close = () => {};
  };
  const cancel = () => {
    close();
    find(".library-remove", row).focus();
  };
  keep.addEventListener("click", cancel);
  confirm.addEventListener("click", () => remove(summary, row, confirm, failure));
  question.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    cancel();
  });
  row.setAttribute("data-confirming", "");
  row.append(question);
  keep.focus({ preventScroll: true });
  question.scrollIntoView({ block: "nearest" });
}

/** @param {DocumentSummary} summary @param {HTMLElement} row @param {HTMLButtonElement} confirm @param {HTMLElement} failure */
async function remove(summary, row, confirm, failure) {
  if (confirm.ariaDisabled === "true") return;
  confirm.ariaDisabled = "true"; // not disabled: that would drop the focus
  failure.hidden = true;
  try {
    await removeUnlessGone(summary.id);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    failure.textContent = error.message;
    failure.hidden = false;
    return;
  } finally {
    confirm.ariaDisabled = null;
  }
  const neighbour = neighbourOf(row);
  close();
  offerUndo(find("#library-undo"), summary.title, () => bringBack(summary), () => find("#add-files").focus());
  await refreshLibrary();
  const target = document.querySelector(`.library-item[data-document="${neighbour}"]`) ?? find("#add-files");
  /** @type {HTMLElement} */ (target).focus();
}

/** @param {DocumentSummary} summary */
async function bringBack({ id, source }) {
  await restoreDocument(id);
  await refreshLibrary();
  const again = libraryDocuments().find((document) => document.source === source);
  const item = again && document.querySelector(`.library-item[data-document="${again.id}"]`);
  if (item instanceof HTMLElement) item.focus();
}

/** Another process may have deleted it first; that is what was asked for. */
async function removeUnlessGone(/** @type {number} */ id) {
  try {
    await removeDocument(id);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === NOT_FOUND)) throw error;
  }
}

/**
 * The document that takes the focus over, by its id: its row may be made anew meanwhile.
 * @param {HTMLElement} row
 */
function neighbourOf(row) {
  const rows = /** @type {HTMLElement[]} */ ([...find("#library-list").children]).filter(({ hidden }) => !hidden);
  const at = rows.indexOf(row);
  const neighbour = rows[at + 1] ?? rows[at - 1];
  return neighbour && find(".library-item", neighbour).dataset.document;
}
