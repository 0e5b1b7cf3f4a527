// Joins the parts of the page.

import { startAdding } from "./adding.js";
import { announce } from "./announce.js";
import { addOlderTurns, loadResponses, removeTurn, replaceTurns, scrollToTurn, showTurn, showWelcome } from "./chat.js";
import { focusQuestion, setBusy, startComposer } from "./composer.js";
import { conversationInAddress, keeps, linkTo, loadMirror, saveMirror, turnInAddress, writeConversation } from "./conversation.js";
import { openConversations, refreshConversations } from "./conversations-loader.js";
import { onLinkChange, readLink } from "./deep-link.js";
import { find } from "./dom.js";
import { currentFilters, startFilters } from "./filters.js";
import { startKeyboard } from "./keyboard.js";
import { refreshLibrary, startLibrary } from "./library.js";
import { startLooking } from "./looking.js";
import { startTellingOfLostParts } from "./lost-parts.js";
import { currentPane, isNarrow, showPane, watchWidth } from "./panes.js";
import { Search } from "./search.js";
import { closeSource, followLibraryInPanel, loadSourcePanel, openLink, openSource } from "./source-loader.js";
import { strings } from "./strings.js";

/** @typedef {import("./types.js").Turn} Turn */

/** @type {string|null} */
let conversation = null;
/** @type {Turn[]} */
let turns = [];
/** @type {number|null} */
let knownGeneration = null;

const search = new Search({
  conversation: () => conversation,
  turnsBefore: (turn) => turns.slice(0, turns.indexOf(turn)),
  moveTo: (id) => {
    conversation = id;
    if (keeps()) writeConversation(id, { step: false });
    save();
  },
  note: showNote,
  update,
  isShown: (turn) => turns.includes(turn),
  setBusy,
  onAnswer: (response) => {
    refreshLibrary(response.generation);
    loadSourcePanel().catch(() => {});
    refreshConversations();
  },
});

/** @type {import("./chat.js").ChatActions} */
const actions = { openSource, retry: (turn) => search.run(turn), cancel: () => search.cancel(), askAgain: askQuestion, linkTo: (turn) => linkTo(conversation, turn), save };

/** @param {string} question @param {{filters?: import("./types.js").Filters, history?: []}} [options] */
function askQuestion(question, { filters = currentFilters(), history } = {}) {
  if (search.isBusy) return;
  /** @type {Turn} */
  const turn = { question, state: "pending", filters, history };
  turns = [...turns, turn]; // a conversation that is being opened still knows which it had
  showBeginning();
  showNote("");
  search.run(turn);
}

/** @param {Turn} turn @param {Partial<Turn>} change */
function update(turn, change) {
  Object.assign(turn, change);
  dropTwin(turn);
  save();
  showTurn(turn, actions);
  scrollToTurn(turn);
}

/** The server may have kept an answer, and told of it, before the answer itself came here. @param {Turn} turn */
function dropTwin(turn) {
  const isKept = turn.number !== undefined && turn.response;
  const twin = isKept && turns.find((other) => other !== turn && other.number === turn.number && other.response?.conversation === turn.response?.conversation);
  if (!twin) return;
  turns = turns.filter((other) => other !== twin);
  removeTurn(twin);
}

function save() {
  saveMirror({ id: conversation, turns });
}

function startOver() {
  show(null, []);
  writeConversation(null, { step: true });
  closeSource();
  announce(strings.newConversation);
  refreshConversations();
  focusQuestion();
}

/** @param {string|null} id @param {Turn[]} wanted */
function show(id, wanted) {
  if (!wanted.some((turn) => search.isRunning(turn))) search.cancel();
  conversation = id;
  turns = wanted;
  save();
  replaceTurns(turns);
  showNote("");
  find("#earlier").hidden = true;
  showBeginning();
}

function showBeginning() {
  showWelcome(turns.length === 0 && conversation === null);
  /** @type {HTMLButtonElement} */ (find("#new-conversation")).disabled = turns.length === 0 && conversation === null;
  document.body.dataset.ready = "";
}

/** @param {string} sentence */
function showNote(sentence) {
  find("#conversation-note").textContent = sentence;
}

async function showTurns() {
  if (turns.some((turn) => turn.response)) await loadResponses();
  for (const turn of turns) showTurn(turn, actions);
  const wanted = turns.find(({ number }) => number !== undefined && number === turnInAddress()) ?? turns.at(-1);
  if (wanted) scrollToTurn(wanted);
}

/** The address says which conversation; what this tab remembers of it shows at once. */
async function start() {
  const mirror = loadMirror();
  const id = keeps() ? conversationInAddress() : null;
  const known = mirror.id === id ? mirror.turns : [];
  [conversation, turns] = [id, known];
  showBeginning();
  await showTurns();
  if (id !== null) await openConversation(id, known);
}

/** @param {string} id @param {Turn[]} known  what this tab remembers of it */
async function openConversation(id, known = []) {
  const failed = known.filter(({ state }) => state === "failed"); // first of all: while it waits, each may be asked again
  const { merge, readTurns, unkept } = await import("./reopen.js");
  const { ApiError } = await import("./api.js");
  try {
    const kept = await readTurns(id, { holding: turnInAddress() });
    if (conversation !== id && conversationInAddress() !== id) return;
    // A question that was asked, or asked again, while the server was read goes on below what was read.
    const askedAgain = failed.filter(({ state }) => state !== "failed");
    const askedMeanwhile = conversation === id ? [...askedAgain, ...turns.slice(known.length)] : [];
    const merged = merge(kept.turns, known);
    const same = merged.length === known.length && merged.every(({ number }, index) => number === known[index].number);
    if (!same || conversation !== id) {
      show(id, [...merged, ...unkept(askedMeanwhile, merged)]);
      await showTurns();
      announce(strings.conversationOpened({ title: kept.title || strings.conversationUntitled }));
    }
    find("#earlier").hidden = !kept.earlier;
    await refreshLibrary();
    await followConversation();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) {
      show(null, []);
      writeConversation(null, { step: false });
      showNote(strings.conversationGone);
    } else showNote(strings.conversationNotLoaded({ detail: error.message }));
  }
}

async function showEarlier() {
  const first = turns.find(({ number }) => number !== undefined)?.number;
  if (conversation === null || first === undefined) return;
  const { readTurns } = await import("./reopen.js");
  const { ApiError } = await import("./api.js");
  const older = await readTurns(conversation, { before: first }).catch((error) => {
    if (!(error instanceof ApiError)) throw error;
    showNote(error.message);
    return null;
  });
  if (!older) return;
  turns = [...older.turns, ...turns];
  find("#earlier").hidden = !older.earlier;
  addOlderTurns(older.turns, actions);
}

/** @param {import("./deep-link.js").Link|null} link */
function followLink(link) {
  const id = conversationInAddress();
  if (keeps() && id !== conversation) {
    if (id === null) show(null, []);
    else openConversation(id);
  }
  if (!link) return closeSource();
  const place = `${link.documentId}:${link.start}:${link.end}`;
  const buttons = document.querySelectorAll(`[data-place="${place}"]`);
  openLink(link, turns, /** @type {HTMLElement|null} */ ([...buttons].at(-1) ?? null));
}

/** @type {import("./types.js").DocumentList|null} */
let library = null;

/** @param {import("./types.js").DocumentList} changed */
async function followChange(changed) {
  if (knownGeneration !== null) import("./suggestions.js").then(({ refreshSuggestions }) => refreshSuggestions());
  knownGeneration = changed.generation;
  library = changed;
  followLibraryInPanel(changed.documents.map(({ id }) => id));
  await followConversation();
}

/** What the conversation cites is looked up in the library as it is now. */
async function followConversation() {
  if (!library || !turns.some(({ response }) => response)) return;
  const { followLibrary } = await import("./follow-library.js");
  await followLibrary(turns, library);
}

/** Where the work on documents shows; the focus stays where it is unless it would be covered. */
function revealLibrary() {
  if (currentPane() === "source") closeSource();
  if (currentPane() === "conversations") showPane(isNarrow() ? "library" : "none");
  if (!isNarrow() || currentPane() === "library") return;
  showPane("library");
  find("#library-title").focus();
}

function openLibrary() {
  closeSource();
  showPane("library");
  find("#library-title").focus();
}

function toggleConversations() {
  closeSource();
  if (currentPane() === "conversations") closePane();
  else openConversations({ open: moveTo, current: () => conversation, deleted: (id) => id === conversation && startAfterDeletion() });
}

/** @param {string} id */
async function moveTo(id) {
  if (isNarrow()) showPane("none");
  writeConversation(id, { step: true });
  await openConversation(id);
  refreshConversations();
  if (isNarrow()) find("#chat-scroll").focus();
}

function startAfterDeletion() {
  show(null, []);
  writeConversation(null, { step: false });
}

/** @returns {boolean} whether there was a pane to close */
function closePane() {
  const pane = currentPane();
  if (pane === "source") {
    closeSource();
    return true;
  }
  if (pane === "none" || (pane === "library" && !isNarrow())) return false;
  showPane("none");
  find(pane === "library" ? "#library-toggle" : "#conversations-toggle").focus();
  return true;
}

function startButtons() {
  find("#new-conversation").addEventListener("click", startOver);
  find("#library-toggle").addEventListener("click", openLibrary);
  find("#library-back").addEventListener("click", closePane);
  find("#earlier").addEventListener("click", showEarlier);
  if (keeps()) {
    find("#conversations-toggle").addEventListener("click", toggleConversations);
    find("#conversations-back").addEventListener("click", closePane);
    find("#conversations-close").addEventListener("click", closePane);
  }
  find("#suggestions").addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest(".suggestion") : null;
    if (!button) return;
    askQuestion(button.textContent ?? "");
    focusQuestion();
  });
  find("#library-about").addEventListener("toggle", async () => (await import("./about.js")).showAbout(revealLibrary));
  find("#language").addEventListener("change", ({ target }) => {
    const address = new URL(location.href);
    address.searchParams.set("language", /** @type {HTMLSelectElement} */ (target).value);
    location.assign(address);
  });
}

startTellingOfLostParts();
startComposer((question) => askQuestion(question), () => turns.map((turn) => turn.question));
// What an answer needs is fetched while the first question is typed.
find("#question").addEventListener("input", () => void loadResponses().catch(() => {}), { once: true });
startKeyboard({ focusQuestion, close: closePane });
startButtons();
watchWidth();
startLibrary((documentId, opener) => openSource({ documentId, places: [], current: 0 }, opener), followChange);
startFilters();
startAdding(revealLibrary);
startLooking();
start().then(() => {
  if (readLink()) followLink(readLink());
  else if (!isNarrow() && document.activeElement === document.body) focusQuestion(); // on a phone it would open the keyboard over the page
});
onLinkChange(followLink);
window.addEventListener("pagehide", () => (search.leaving = true));
window.addEventListener("pageshow", () => (search.leaving = false));
