// Why a question got no answer, or not the one expected: where the expected words stand, and what happened to them.

import { announce } from "./announce.js";
import { ApiError, post } from "./api.js";
import { el } from "./dom.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./shown.js").Shown} Shown
 * @typedef {import("./types.js").Explanation} Explanation
 */

const CANDIDATES_SHOWN = 5;

/** @type {WeakMap<HTMLElement, HTMLElement>} */
const panels = new WeakMap();
/** What was asked last in each panel: an earlier answer that comes later is not shown. @type {WeakMap<HTMLElement, symbol>} */
const latest = new WeakMap();
let count = 0;

/** @param {HTMLElement} button @param {Shown} shown */
export function toggleWhy(button, shown) {
  const open = panels.get(button);
  if (open) {
    open.remove();
    panels.delete(button);
    button.ariaExpanded = "false";
    return;
  }
  const panel = renderPanel(shown);
  panels.set(button, panel);
  button.ariaExpanded = "true";
  button.setAttribute("aria-controls", panel.id);
  button.closest("footer")?.append(panel);
  panel.scrollIntoView({ block: "nearest" });
  explain(panel, shown, "");
}

/** @param {Shown} shown */
function renderPanel(shown) {
  const id = `why-${(count += 1)}`;
  const input = el("input", { class: "field", id: `${id}-expected`, maxlength: 1000, dir: "auto", "data-testid": "why-expected" });
  const panel = el(
    "section",
    { class: "why", id, "aria-label": strings.whyNot, "data-testid": "why-panel" },
    el("form", { class: "search-form" },
      el("label", { for: `${id}-expected` }, strings.whyExpected),
      input,
      el("button", { class: "button-plain", type: "submit", "data-testid": "why-explain" }, strings.whyExplain)),
    el("div", { class: "why-result" }),
  );
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    explain(panel, shown, input.value.trim());
  });
  return panel;
}

/** @param {HTMLElement} panel @param {Shown} shown @param {string} expect */
async function explain(panel, { response, turn, actions }, expect) {
  const result = /** @type {HTMLElement} */ (panel.querySelector(".why-result"));
  const asking = Symbol();
  latest.set(panel, asking);
  result.replaceChildren(el("p", {}, strings.whyWorking));
  try {
    // What was searched is asked as it stands: it needs no history any more.
    const asked = { question: response.searched || response.question, ...(response.filters ?? turn.filters ?? {}) };
    /** @type {Explanation} */
    const found = await post("api/v1/explain", expect ? { ...asked, expect } : asked);
    if (latest.get(panel) !== asking) return;
    result.replaceChildren(...renderExplanation(found, actions));
    panel.scrollIntoView({ block: "nearest" });
    announce(verdictInWords(found));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (latest.get(panel) !== asking) return;
    result.replaceChildren(el("p", { class: "form-failure", role: "alert", "data-testid": "why-failure" }, error.message));
  }
}

/** @param {Explanation} found @param {Shown["actions"]} actions */
function renderExplanation(found, actions) {
  const { places = [], candidates = [] } = found;
  return [
    el("p", { class: "why-message", "data-testid": "why-message" }, verdictInWords(found)),
    places.length > 0 && el("ol", { class: "why-places" }, ...places.map((place) => renderPlace(place, actions))),
    el("h4", { class: "eyebrow" }, strings.whyCandidates),
    candidates.length === 0
      ? el("p", {}, strings.whyNothing)
      : el("ol", { class: "why-candidates", "data-testid": "why-candidates" }, ...candidates.slice(0, CANDIDATES_SHOWN).map((candidate) => renderCandidate(candidate, actions))),
  ].filter((node) => node instanceof Node);
}

/** What became of the question, or of the first place. @param {Explanation} found */
function verdictInWords({ verdict, message, places = [] }) {
  const words = places.length > 0 ? strings.whyStage : { ...strings.abstention, ...strings.whyVerdict };
  return words[verdict] ?? message;
}

/** @param {Explanation["places"][number]} place @param {Shown["actions"]} actions */
function renderPlace(place, actions) {
  const { passage, lost_to: lost } = place;
  const rank = (/** @type {number|null} */ number) => number ?? strings.whyNoRank;
  const ranks = passage && strings.whyRanks({ fused: rank(passage.fused_rank), dense: rank(passage.dense_rank), lexical: rank(passage.lexical_rank) });
  return el(
    "li",
    { "data-testid": "why-place", "data-stage": place.stage },
    renderSlice(place, actions),
    el("p", {}, strings.whyStage[place.stage] ?? place.message),
    passage && el("p", { class: "hint" }, `${ranks} · ${passage.read ? strings.whyRead : strings.whyNotRead}`),
    lost && el("p", { class: "hint", dir: "auto" }, strings.whyLostTo({ text: lost.text })),
  );
}

/** @param {Explanation["candidates"][number]} candidate @param {Shown["actions"]} actions */
function renderCandidate(candidate, actions) {
  const percent = strings.confidencePercent({ percent: Math.round(candidate.confidence * 100) });
  return el("li", {}, renderSlice(candidate, actions), el("p", { class: "hint" }, candidate.shown ? `${percent} · ${strings.whyShown}` : percent));
}

/** @param {{document_id: number, title: string, start: number, end: number, text: string}} slice @param {Shown["actions"]} actions */
function renderSlice({ document_id: documentId, title, start, end, text }, actions) {
  const request = { documentId, places: [{ start, end, quote: text, kind: /** @type {const} */ ("closest") }], current: 0 };
  return el(
    "button",
    { class: "button-link", type: "button", click: (/** @type {MouseEvent} */ event) => actions.openSource(request, /** @type {HTMLElement} */ (event.currentTarget)) },
    el("bdi", {}, text),
    " — ",
    el("bdi", {}, title),
  );
}
