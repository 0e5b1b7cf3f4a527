// One conversation in the list, with what can be done with it.

import { announce } from "./announce.js";
import { ApiError } from "./api.js";
import { exportAddress, renameConversation } from "./api-conversations.js";
import { el, find, icon } from "./dom.js";
import { readableDate } from "./format.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./api-conversations.js").Summary} Summary
 * @typedef {{isCurrent: boolean, onOpen: () => void, onDelete: (row: HTMLElement) => Promise<void>}} RowActions
 */

/** @param {Summary} summary @param {RowActions} actions */
export function renderRow(summary, { isCurrent, onOpen, onDelete }) {
  const { id, turns, updated_at: updated } = summary;
  const title = summary.title || strings.conversationUntitled;
  const row = el(
    "li",
    { class: "conversation-row", "data-conversation": id, "data-testid": "conversation-row" },
    el(
      "button",
      { class: "row conversation-open", type: "button", "aria-current": isCurrent ? "true" : null, "data-testid": "conversation-open", click: onOpen },
      el("bdi", { class: "conversation-title" }, title),
      el("span", { class: "library-item-meta" }, el("time", { datetime: updated }, readableDate(updated)), ` · ${strings.questions({ count: turns })}`),
    ),
    el("button", { class: "button-icon conversation-more", type: "button", "aria-expanded": "false", "aria-label": strings.actionsOf({ title }), title: strings.actionsOf({ title }), "data-testid": "conversation-actions", click: () => toggle(row, id, onDelete) }, icon("more")),
  );
  return row;
}

/** @param {HTMLElement} row @param {string} id @param {RowActions["onDelete"]} onDelete */
function toggle(row, id, onDelete) {
  const button = find(".conversation-more", row);
  const open = row.querySelector(".conversation-actions");
  button.ariaExpanded = String(!open);
  if (open) return open.remove();
  const failure = el("p", { class: "form-failure", role: "alert" });
  const attempt = (/** @type {() => Promise<void>} */ act) => async () => {
    failure.textContent = "";
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure.textContent = error.message;
    }
  };
  const rename = el("button", { class: "button-plain", type: "button", "data-testid": "conversation-rename" }, strings.rename);
  const panel = el(
    "div",
    { class: "conversation-actions" },
    el(
      "div",
      { class: "actions" },
      rename,
      el("a", { class: "button-plain", href: exportAddress(id, "markdown"), download: "", "data-testid": "export-markdown" }, strings.exportMarkdown),
      el("a", { class: "button-plain", href: exportAddress(id, "json"), download: "", "data-testid": "export-json" }, strings.exportJson),
      el("button", { class: "button-danger", type: "button", "data-testid": "conversation-delete", click: attempt(() => onDelete(row)) }, strings.delete),
    ),
    failure,
  );
  rename.addEventListener("click", () => showRename(row, panel, id, rename, attempt));
  row.append(panel);
  rename.focus();
  panel.scrollIntoView({ block: "nearest" });
}

/** @param {HTMLElement} row @param {HTMLElement} panel @param {string} id @param {HTMLElement} opener @param {(act: () => Promise<void>) => () => Promise<void>} attempt */
function showRename(row, panel, id, opener, attempt) {
  if (panel.querySelector("form")) return;
  const title = find(".conversation-title", row);
  const input = el("input", { class: "field", maxlength: 200, dir: "auto", "aria-label": strings.renameLabel, "data-testid": "rename-input" });
  input.value = title.textContent ?? "";
  const form = el("form", { class: "search-form" }, input, el("button", { class: "button-plain", type: "submit" }, strings.save));
  const close = () => {
    form.remove();
    opener.focus();
  };
  const save = attempt(async () => {
    const renamed = await renameConversation(id, input.value.trim());
    title.textContent = renamed.title;
    announce(strings.renamed({ title: renamed.title }));
    close();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim() === "") return input.focus();
    save();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    close();
  });
  panel.prepend(form);
  input.focus();
  input.select();
}
