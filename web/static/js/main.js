// Joins the parts of the page.

import { startAdding } from "./adding.js";
import { announce } from "./announce.js";
import { ApiError, ask, isAbort, listJobs } from "./api.js";
import { clearTurns, loadResponses, scrollToTurn, showTurn, showWelcome } from "./chat.js";
import { focusQuestion, setBusy, startComposer } from "./composer.js";
import { loadConversation, saveConversation } from "./conversation.js";
import { onLinkChange, readLink } from "./deep-link.js";
import { find } from "./dom.js";
import { startKeyboard } from "./keyboard.js";
import { refreshLibrary, startLibrary } from "./library.js";
import { currentPane, isNarrow, showPane, watchWidth } from "./panes.js";
import { closeSource, followLibraryInPanel, loadSourcePanel, openLink, openSource } from "./source-loader.js";
import { strings } from "./strings.en.js";

/** @typedef {import("./types.js").Turn} Turn */

/** @type {Turn[]} */
let turns = loadConversation();
/** @type {AbortController|null} */
let search = null;
let leaving = false;
/** @type {number|null} */
let knownGeneration = null;

const actions = { openSource, retry: run, cancel: () => search?.abort() };

/** @param {string} question */
function askQuestion(question) {
  /** @type {Turn} */
  const turn = { question, state: "pending" };
  turns.push(turn);
  showBeginning();
  run(turn);
}

/** @param {Turn} turn */
async function run(turn) {
  if (search) return;
  search = new AbortController();
  const { signal } = search;
  setBusy(true);
  update(turn, { state: "pending", failure: undefined });
  announce(strings.searching);
  try {
    const [response, { describeResponse }] = await Promise.all([ask(turn.question, signal), loadResponses()]);
    if (!turns.includes(turn)) return;
    update(turn, { state: "done", response });
    announce(describeResponse(response));
    refreshLibrary(response.generation);
    loadSourcePanel().catch(() => {});
  } catch (error) {
    fail(turn, error);
  } finally {
    search = null;
    setBusy(false);
  }
}

/** @param {Turn} turn @param {unknown} error */
function fail(turn, error) {
  // Leaving the page ends the search too; the stored turn then stays pending.
  if (leaving || !turns.includes(turn)) return;
  const expected = error instanceof ApiError;
  const failure = isAbort(error) ? strings.cancelled : expected ? error.message : strings.unreadableAnswer;
  update(turn, { state: "failed", failure });
  announce(strings.failureAnnounced(failure));
  if (!expected && !isAbort(error)) throw error;
}

/** @param {Turn} turn @param {Partial<Turn>} change */
function update(turn, change) {
  Object.assign(turn, change);
  saveConversation(turns);
  showTurn(turn, actions);
  scrollToTurn(turn);
}

function startOver() {
  search?.abort();
  turns = [];
  saveConversation(turns);
  closeSource();
  clearTurns();
  showBeginning();
  announce(strings.newConversation);
  focusQuestion();
}

function showBeginning() {
  showWelcome(turns.length === 0);
  /** @type {HTMLButtonElement} */ (find("#new-conversation")).disabled = turns.length === 0;
}

async function showConversation() {
  showBeginning();
  document.body.dataset.ready = "";
  if (turns.some((turn) => turn.response)) await loadResponses();
  for (const turn of turns) showTurn(turn, actions);
  const last = turns.at(-1);
  if (last) scrollToTurn(last);
}

/** @param {import("./deep-link.js").Link|null} link */
function followLink(link) {
  if (!link) return closeSource();
  const place = `${link.documentId}:${link.start}:${link.end}`;
  const buttons = document.querySelectorAll(`[data-place="${place}"]`);
  openLink(link, turns, /** @type {HTMLElement|null} */ ([...buttons].at(-1) ?? null));
}

/** @param {import("./types.js").DocumentList} library */
async function followChange(library) {
  if (knownGeneration !== null) import("./suggestions.js").then(({ refreshSuggestions }) => refreshSuggestions());
  knownGeneration = library.generation;
  followLibraryInPanel(library.documents.map(({ id }) => id));
  if (!turns.some(({ response }) => response)) return;
  const { followLibrary } = await import("./follow-library.js");
  await followLibrary(turns, library);
}

/** Work that was begun before this page was opened, or elsewhere. */
async function lookForJobs() {
  const list = await listJobs().catch(() => null); // that the server is away is said by the library
  if (list && list.jobs.length > 0) (await import("./jobs.js")).refreshJobs();
}

/** Where the work on documents shows; the focus stays where it is unless it would be covered. */
function revealLibrary() {
  if (currentPane() === "source") closeSource();
  if (!isNarrow() || currentPane() === "library") return;
  showPane("library");
  find("#library-title").focus();
}

function openLibrary() {
  closeSource();
  showPane("library");
  find("#library-title").focus();
}

/** @returns {boolean} whether there was a pane to close */
function closePane() {
  if (currentPane() === "source") {
    closeSource();
    return true;
  }
  if (currentPane() !== "library" || !isNarrow()) return false;
  showPane("none");
  find("#library-toggle").focus();
  return true;
}

function startButtons() {
  find("#new-conversation").addEventListener("click", startOver);
  find("#library-toggle").addEventListener("click", openLibrary);
  find("#library-back").addEventListener("click", closePane);
  find("#suggestions").addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest(".suggestion") : null;
    if (!button) return;
    askQuestion(button.textContent ?? "");
    focusQuestion();
  });
}

startComposer(askQuestion, () => turns.map((turn) => turn.question));
startKeyboard({ focusQuestion, close: closePane });
startButtons();
watchWidth();
startLibrary((documentId, opener) => openSource({ documentId, places: [], current: 0 }, opener), followChange);
startAdding(revealLibrary);
lookForJobs();
showConversation().then(() => {
  if (readLink()) followLink(readLink());
  else if (!isNarrow()) focusQuestion(); // on a phone it would open the keyboard over the page
});
onLinkChange(followLink);
window.addEventListener("pagehide", () => (leaving = true));
window.addEventListener("pageshow", () => (leaving = false));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  refreshLibrary();
  lookForJobs();
});
