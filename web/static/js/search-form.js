// What was searched for, to be edited and searched again.

import { el, find } from "./dom.js";
import { strings } from "./strings.js";

/** @param {string} searched @param {(text: string) => void} onSearch @param {HTMLElement} opener */
export function renderSearchForm(searched, onSearch, opener) {
  const { maxLength } = /** @type {HTMLTextAreaElement} */ (find("#question"));
  const input = el("input", { class: "field", dir: "auto", maxlength: maxLength, "aria-label": strings.searchedEdit, "data-testid": "searched-input" });
  input.value = searched;
  const form = el("form", { class: "search-form" }, input, el("button", { class: "button-plain", type: "submit" }, strings.searchedAgain));
  const close = () => {
    form.remove();
    opener.hidden = false;
    opener.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === "") return input.focus();
    close();
    onSearch(text);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    close();
  });
  queueMicrotask(() => input.focus());
  return form;
}
