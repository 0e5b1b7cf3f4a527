// The two small forms: a pasted text and a web address. What was typed stays until it is in.

import { announce } from "./announce.js";
import { ApiError } from "./api.js";
import { addDocuments, forgetJob } from "./api-library.js";
import { find } from "./dom.js";
import { keepDraft, takeDraft } from "./draft.js";
import { trackJob } from "./jobs.js";
import { holdsSource } from "./library.js";
import { strings } from "./strings.js";

/** @typedef {"text"|"url"} Kind */

const TEXT_WAIT_SECONDS = 5;
const NAME_LENGTH = 60;

const title = /** @type {HTMLInputElement} */ (find("#add-title"));
const text = /** @type {HTMLTextAreaElement} */ (find("#add-text"));
const url = /** @type {HTMLInputElement} */ (find("#add-url"));
const forms = {
  text: { form: find("#add-text-form"), button: find("#add-text-button"), first: title, field: text, send: sendText, missing: strings.textMissing },
  url: { form: find("#add-url-form"), button: find("#add-url-button"), first: url, field: url, send: sendUrl, missing: strings.urlMissing },
};

for (const kind of /** @type {Kind[]} */ (["text", "url"])) {
  const { form, field } = forms[kind];
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(kind);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    closeForm(kind);
  });
  field.addEventListener("input", () => complain(kind, ""));
  find("[data-close]", form).addEventListener("click", () => closeForm(kind));
}
for (const input of [title, text]) input.addEventListener("input", warnOfReplacing);

const draft = takeDraft();
if (draft) [title.value, text.value] = [draft.title, draft.text];
window.addEventListener("pagehide", () => keepDraft({ title: title.value, text: text.value }));

/** @param {Kind} kind */
export function toggleForm(kind) {
  if (forms[kind].form.hidden) showForm(kind);
  else closeForm(kind);
}

/** @param {Kind} kind @param {{focus?: boolean}} [options] */
export function showForm(kind, { focus = true } = {}) {
  hide(kind === "text" ? "url" : "text");
  const { form, button, first } = forms[kind];
  form.hidden = false;
  button.ariaExpanded = "true";
  if (focus) first.focus();
}

/** @param {Kind} kind */
function closeForm(kind) {
  hide(kind);
  forms[kind].button.focus();
}

/** @param {Kind} kind */
function hide(kind) {
  forms[kind].form.hidden = true;
  forms[kind].button.ariaExpanded = "false";
}

/** @param {Kind} kind */
async function submit(kind) {
  const { form, field, send, missing } = forms[kind];
  const button = find("[type=submit]", form);
  if (button.ariaDisabled === "true") return;
  if (field.value.trim() === "") return complain(kind, missing);
  complain(kind, "");
  const label = button.textContent;
  button.ariaDisabled = "true";
  button.textContent = strings.adding;
  try {
    const trouble = await send();
    if (trouble) return complain(kind, trouble);
    /** @type {HTMLFormElement} */ (form).reset();
    warnOfReplacing();
    closeForm(kind);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    complain(kind, error.message);
  } finally {
    button.ariaDisabled = null;
    button.textContent = label;
  }
}

/** @param {Kind} kind @param {string} sentence */
function complain(kind, sentence) {
  const { form, field } = forms[kind];
  find(".form-failure", form).textContent = sentence;
  field.ariaInvalid = sentence ? "true" : null;
  if (sentence) field.focus();
}

/** A text is in within moments as a rule, and until then it is not taken from the user. */
async function sendText() {
  announce(strings.adding);
  const job = await addDocuments({ text: text.value, title: title.value.trim(), source: sourceOfText() }, { wait: TEXT_WAIT_SECONDS });
  const reason = job.items?.find(({ outcome }) => outcome === "failed")?.reason ?? job.error;
  if (!reason) return trackJob(job);
  forgetJob(job.id).catch(() => {});
  return reason;
}

async function sendUrl() {
  announce(strings.adding);
  const typed = url.value.trim();
  trackJob(await addDocuments({ url: /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}` }));
}

/** What a text is listed under; the server would take only what follows the last slash. */
function sourceOfText() {
  const name = title.value.trim() || text.value.trim().slice(0, NAME_LENGTH);
  return `text:${name.replace(/\p{C}/gu, " ").replace(/\s+/g, " ").trim()}`;
}

function warnOfReplacing() {
  const replaces = text.value.trim() !== "" && holdsSource(sourceOfText());
  find("#add-text-note").textContent = replaces ? strings.textReplaces : "";
}
