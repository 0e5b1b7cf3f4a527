// A citation opened where it stands: the quote among the words around it, and the way to the whole document.

import { announce } from "./announce.js";
import { ApiError } from "./api.js";
import { el, find } from "./dom.js";
import { BASE } from "./host.js";
import { settle } from "./settle-places.js";
import { renderText } from "./source-text.js";
import { strings } from "./strings.js";
import { codeUnitOffsets, countCodePoints } from "./text.js";

/**
 * @typedef {import("./types.js").SourceRequest} SourceRequest
 * @typedef {import("./types.js").Place} Place
 * @typedef {import("./settle-places.js").Settled} Settled
 */

const AROUND = 700; // code units before and after the quote

/** @type {WeakMap<HTMLElement, HTMLElement>} */
const panels = new WeakMap();

/** Opens it below its button, or closes it there. @param {SourceRequest} request @param {HTMLElement} opener */
export async function showSource(request, opener) {
  const open = panels.get(opener);
  open?.remove();
  panels.delete(opener);
  opener.ariaExpanded = String(!open);
  if (open) return;
  const panel = el("section", { class: "box-source", "aria-label": strings.source, "data-testid": "source-panel" }, el("p", { class: "hint" }, strings.sourceLoading));
  panels.set(opener, panel);
  opener.after(panel);
  panel.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    showSource(request, opener);
    opener.focus();
  });
  try {
    panel.replaceChildren(...describe(await settle(request), request));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    panel.replaceChildren(el("p", { class: "form-failure", role: "alert", "data-testid": "source-error" }, error.message));
  }
  showMark(panel);
  announce(panel.querySelector(".hint, .form-failure")?.textContent || strings.sourceOpened);
}

/** @param {Settled|null} settled @param {SourceRequest} request */
function describe(settled, request) {
  if (!settled) return [el("p", { class: "hint", "data-testid": "source-gone" }, strings.documentGoneNote)];
  const { detail, places, current, outcome } = settled;
  const place = outcome === "lost" ? undefined : places[current];
  const note = outcome === "lost" ? strings.sourceLost : outcome === "moved" ? strings.sourceMoved : request.places[0]?.kind === "closest" ? strings.sourceClosest : null;
  return [
    note && el("p", { class: "hint" }, note),
    place && el("div", { class: "source-text", dir: "auto", tabindex: 0, role: "region", "aria-label": detail.title, "data-testid": "source-text" }, ...renderAround(detail, places, place)),
    el("p", {}, el("a", { href: addressOf(detail.id, place), target: "_blank", rel: "noopener", "data-testid": "source-whole" }, strings.openDocument)),
  ].filter((node) => node instanceof Node);
}

/** @param {import("./types.js").DocumentDetail} detail @param {Place[]} places @param {Place} place */
function renderAround({ text, furniture }, places, place) {
  const units = codeUnitOffsets(text, [place.start, place.end]);
  const from = edge(text, Math.max(0, (units.get(place.start) ?? 0) - AROUND), 1);
  const to = edge(text, Math.min(text.length, (units.get(place.end) ?? 0) + AROUND), -1);
  const shift = countCodePoints(text.slice(0, from));
  const length = countCodePoints(text.slice(from, to));
  const shown = places.map((other) => ({ ...other, start: other.start - shift, end: other.end - shift })).filter(({ start, end }) => start >= 0 && end <= length);
  const greyed = furniture.map(({ start, end }) => ({ start: Math.max(0, start - shift), end: Math.min(length, end - shift) })).filter(({ start, end }) => start < end);
  const current = shown.findIndex(({ start, end }) => start === place.start - shift && end === place.end - shift);
  return [from > 0 && "… ", ...renderText(text.slice(from, to), shown, current, { furniture: greyed }), to < text.length && " …"].filter((node) => node !== false);
}

/** Moves off the middle of a word, and so of a character. @param {string} text @param {number} at @param {1|-1} by */
function edge(text, at, by) {
  for (let moved = 0; moved < AROUND / 4 && at > 0 && at < text.length; moved += 1, at += by) if (/\s/.test(text[at])) return at;
  return /[\uDC00-\uDFFF]/.test(text[at] ?? "") ? at + by : at;
}

/** @param {number} documentId @param {Place} [place] */
const addressOf = (documentId, place) => `${BASE}#document=${documentId}${place ? `&start=${place.start}&end=${place.end}` : ""}`;

/** Scrolls what is ours, never the page around it. @param {HTMLElement} panel */
function showMark(panel) {
  const mark = /** @type {HTMLElement|null} */ (panel.querySelector(".source-mark[data-current]"));
  const text = mark?.closest(".source-text");
  if (mark && text) text.scrollTop = mark.offsetTop - text.clientHeight / 2;
  const scroller = find("#chat-scroll");
  const hidden = panel.getBoundingClientRect().bottom - scroller.getBoundingClientRect().bottom;
  if (hidden > 0) scroller.scrollTop += hidden;
}
