// Asks for a key where the server answers only with one, or the one that was used is not valid any more.

import { announce } from "./announce.js";
import { ApiError, readStatus } from "./api.js";
import { el, find } from "./dom.js";
import { useKey } from "./key.js";
import { refreshLibrary } from "./library.js";
import { strings } from "./strings.js";

/** @type {HTMLFormElement|null} */
let form = null;

export function askForKey() {
  if (form) return;
  form = render();
  find("#chat-scroll").prepend(form);
  announce(strings.keyTitle);
  const isFree = document.activeElement === document.body || document.activeElement === find("#question");
  if (isFree && /** @type {HTMLTextAreaElement} */ (find("#question")).value === "") find("input", form).focus();
}

function render() {
  const input = el("input", { class: "field", id: "key", type: "password", autocomplete: "off", spellcheck: "false", "aria-describedby": "key-note key-failure", "data-testid": "key-input" });
  const failure = el("p", { class: "form-failure", id: "key-failure", role: "alert", "data-testid": "key-failure" });
  const shown = el(
    "form",
    { class: "key-form column", "aria-labelledby": "key-title", "data-testid": "key-form" },
    el("h2", { class: "library-empty-title", id: "key-title" }, strings.keyTitle),
    el("div", { class: "search-form" }, el("label", { for: "key" }, strings.keyLabel), input, el("button", { class: "button-primary", type: "submit" }, strings.keyUse)),
    failure,
    el("p", { class: "hint", id: "key-note" }, strings.keyNote),
  );
  shown.addEventListener("submit", async (event) => {
    event.preventDefault();
    failure.textContent = await refusal(input.value.trim());
    if (failure.textContent !== "") return input.focus();
    shown.remove();
    form = null;
    announce(strings.keyTaken);
    find("#question").focus();
    await refreshLibrary();
  });
  return shown;
}

/** @param {string} key @returns {Promise<string>}  why the server does not take it; empty where it does */
async function refusal(key) {
  if (key === "") return strings.keyMissing;
  if (!/^[\x21-\x7e]+$/.test(key)) return strings.keyMalformed; // a browser could not send it
  useKey(key);
  try {
    await readStatus();
    return "";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    useKey("");
    return error.message;
  }
}
