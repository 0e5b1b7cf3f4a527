// The panel that shows a whole document with the cited places marked.

import { announce } from "./announce.js";
import { ApiError } from "./api.js";
import { copying } from "./copy.js";
import { clearLink, writeLink } from "./deep-link.js";
import { el, find } from "./dom.js";
import { downloading } from "./download.js";
import { readableDate, sourcePath } from "./format.js";
import { currentKey } from "./key.js";
import { currentPane, isNarrow, showPane } from "./panes.js";
import { settle } from "./settle-places.js";
import { renderText } from "./source-text.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").SourceRequest} SourceRequest
 * @typedef {import("./types.js").DocumentDetail} DocumentDetail
 * @typedef {import("./types.js").Place} Place
 */

const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");
// As in web/originals.py: what is no page, and so can be opened as it is.
const SHOWN_BY_BROWSERS = new Set(["application/pdf", "text/plain", "text/markdown"]);
const SETTLING_FRAMES = 12;
const scroller = find("#source-scroll");
const title = find("#source-title");

/** @type {{detail: DocumentDetail, places: Place[], current: number}|null} */
let shown = null;
/** @type {SourceRequest|null} */
let wanted = null;
/** @type {HTMLElement|null} */
let opener = null;
/** @type {string|null} */
let downloadWords = null;
/** @type {() => HTMLElement} */
let fallbackFocus = () => document.body;

/** @param {() => HTMLElement} focusOnClose  for a panel opened by a link, which no button opened */
export function startSourcePanel(focusOnClose) {
  fallbackFocus = focusOnClose;
  find("#source-close").addEventListener("click", closeSource);
  find("#source-back").addEventListener("click", closeSource);
  find("#place-previous").addEventListener("click", () => step(-1));
  find("#place-next").addEventListener("click", () => step(1));
  copying(find("#source-copy-link"), () => location.href);
  downloading(/** @type {HTMLAnchorElement} */ (find("#source-original")));
}

const isSourceOpen = () => currentPane() === "source";

/**
 * @param {SourceRequest} request
 * @param {HTMLElement|null} from  gets the focus back when the panel closes
 */
export async function openSource(request, from) {
  setOpener(from);
  wanted = request;
  showPane("source");
  link(request.documentId, request.places[request.current]);
  if (shown?.detail.id !== request.documentId) showLoading();
  try {
    const settled = await settle(request);
    if (wanted !== request) return;
    if (settled) showDocument(settled, request);
    else {
      showGone();
      goToTop();
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (wanted === request) showFailure(error.message, () => openSource(request, from));
  }
}

export function closeSource() {
  if (!isSourceOpen()) return;
  const target = opener?.isConnected ? opener : fallbackFocus();
  showPane(isNarrow() && target.closest("#library") ? "library" : "none");
  clearLink();
  setOpener(null);
  wanted = null;
  target.focus();
}

/** @param {HTMLElement|null} element */
function setOpener(element) {
  opener?.removeAttribute("aria-current");
  opener = element;
  opener?.setAttribute("aria-current", "true");
}

function showLoading() {
  shown = null;
  title.textContent = strings.sourceLoading;
  title.title = "";
  find("#source-meta").replaceChildren();
  find("#source-notice").replaceChildren();
  find("#source-text").replaceChildren();
  find("#source-text").hidden = true;
  find("#place-nav").hidden = true;
  find("#source-links").hidden = true;
}

/** @param {import("./settle-places.js").Settled} settled @param {SourceRequest} request */
function showDocument({ detail, places, current, outcome }, request) {
  shown = { detail, places, current };
  if (outcome !== "lost") link(detail.id, places[current]);
  title.textContent = detail.title;
  title.title = detail.title;
  find("#source-meta").replaceChildren(...describe(detail));
  showLinks(detail);
  showNotice(outcome, request.places[request.current], places[current]);
  find("#source-text").hidden = false;
  find("#place-nav").hidden = places.length < 2;
  paint();
  if (places.length > 0) goToMark(true, false);
  else goToTop();
}

/** @param {DocumentDetail} detail */
function describe({ source, author, date, characters }) {
  return [
    el("bdi", { "data-testid": "source-path" }, sourcePath(source)),
    author ? " · " : "",
    author ? el("bdi", {}, author) : "",
    date ? " · " : "",
    date ? el("time", { datetime: date }, readableDate(date)) : "",
    ` · ${strings.documentCharacters({ count: characters })}`,
  ];
}

/** The original where there is one, and the address of this place. @param {DocumentDetail} detail */
function showLinks({ id, original, media_type: type }) {
  find("#source-links").hidden = false;
  const view = /** @type {HTMLAnchorElement} */ (find("#source-view"));
  view.hidden = original !== "file" || !SHOWN_BY_BROWSERS.has(type) || currentKey() !== null;
  if (!view.hidden) view.href = `api/v1/documents/${id}/original?view`;
  const link = /** @type {HTMLAnchorElement} */ (find("#source-original"));
  link.hidden = !original;
  if (!original) return;
  const isPage = /^https?:/.test(original);
  link.href = isPage ? original : `api/v1/documents/${id}/original`;
  link.target = isPage ? "_blank" : "";
  if (!isPage) link.setAttribute("download", "");
  else link.removeAttribute("download");
  downloadWords ??= link.textContent;
  link.textContent = isPage ? strings.originalPage : downloadWords;
}

/**
 * @param {import("./verify-places.js").Outcome} outcome
 * @param {Place|undefined} asked
 * @param {Place|undefined} found
 */
function showNotice(outcome, asked, found) {
  const sentences = [];
  if (outcome === "moved") sentences.push(strings.sourceMoved);
  if (outcome === "lost") sentences.push(asked?.quote === null ? strings.sourceOutside : strings.sourceLost);
  if (found?.kind === "closest") sentences.push(strings.sourceClosest);
  find("#source-notice").replaceChildren(...sentences.map((sentence) => el("p", { class: "source-note" }, sentence)));
}

/** The address and the conversation may both still name a document that was deleted. */
function showGone() {
  showLoading();
  title.textContent = strings.documentGone;
  const note = el("p", { class: "source-note", "data-testid": "source-gone" }, strings.documentGoneNote);
  find("#source-notice").replaceChildren(note);
}

/**
 * A document that is open while it is deleted does not stay on show.
 * @param {number[]} ids  of all documents
 */
export function libraryChanged(ids) {
  if (!shown || !isSourceOpen() || ids.includes(shown.detail.id)) return;
  const hadFocus = find("#source-panel").contains(document.activeElement);
  showGone();
  if (hadFocus) goToTop(); // the mark that had it is gone too
}

/** @param {string} detail @param {() => void} onRetry */
function showFailure(detail, onRetry) {
  showLoading();
  title.textContent = strings.sourceFailed;
  const retry = el("button", { class: "button-plain", type: "button", click: onRetry, "data-testid": "source-retry" }, strings.retry);
  find("#source-notice").replaceChildren(
    el("div", { class: "source-note", "data-testid": "source-error" }, el("span", {}, detail), retry),
  );
  retry.focus();
}

/** @param {number} by */
function step(by) {
  if (!shown) return;
  const total = shown.places.length;
  shown.current = (shown.current + by + total) % total;
  link(shown.detail.id, shown.places[shown.current]);
  paint();
  goToMark(false, true);
  announce(strings.placeAnnounced({ current: shown.current + 1, total }));
}

function paint() {
  if (!shown) return;
  const { detail, places, current } = shown;
  find("#source-text").replaceChildren(...renderText(detail.text, places, current, detail));
  find("#place-count").textContent = strings.placeCount({ current: current + 1, total: places.length });
}

/**
 * @param {boolean} takeFocus  the place buttons keep the focus, so that they can be pressed again
 * @param {boolean} smooth
 */
function goToMark(takeFocus, smooth) {
  const mark = scroller.querySelector(".source-mark[data-current]");
  if (!(mark instanceof HTMLElement)) return;
  if (takeFocus) mark.focus({ preventScroll: true });
  const inBlocks = mark.closest(".source-block") !== null;
  mark.scrollIntoView({ block: "center", behavior: smooth && !STILL.matches && !inBlocks ? "smooth" : "instant" });
  if (inBlocks) keepInSight(mark, SETTLING_FRAMES);
}

/**
 * The blocks of a long text take their true heights as they come into sight, and push the mark away.
 * @param {HTMLElement} mark
 * @param {number} frames
 */
function keepInSight(mark, frames) {
  requestAnimationFrame(() => {
    if (!mark.isConnected || frames === 0) return;
    const { top, bottom } = mark.getBoundingClientRect();
    const sight = scroller.getBoundingClientRect();
    if (top < sight.top || bottom > sight.bottom) mark.scrollIntoView({ block: "center", behavior: "instant" });
    keepInSight(mark, frames - 1);
  });
}

function goToTop() {
  scroller.scrollTop = 0;
  scroller.focus({ preventScroll: true });
}

/** @param {number} documentId @param {Place|undefined} place */
function link(documentId, place) {
  writeLink({ documentId, start: place?.start ?? null, end: place?.end ?? null });
}
