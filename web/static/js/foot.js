// What stands under an answer or an abstention: copies, links, what was searched, and why not something else.

import { renderCopyButton, renderLinkButton } from "./copy.js";
import { el } from "./dom.js";
import { filtersInWords } from "./filters.js";
import { duration, readableDate } from "./format.js";
import { strings } from "./strings.js";
import { renderUnknownNames } from "./unknown-names.js";

/**
 * @typedef {import("./types.js").Answer} Answer
 * @typedef {import("./shown.js").Shown} Shown
 */

/** @param {Shown} shown @param {Answer[]} answers  that are copied; none under an abstention */
export function renderFoot(shown, answers) {
  const { response, turn } = shown;
  const time = { time: duration(response.took_ms.total), generation: response.generation };
  return el(
    "footer",
    { class: "answer-foot" },
    answers.length > 0 && renderUnknownNames(response),
    renderDegraded(response),
    renderSearched(shown),
    renderFiltered(shown),
    ...(response.suggested_filters ?? []).map((suggested) => renderSuggested(suggested, shown)),
    el(
      "div",
      { class: "answer-tools" },
      answers.length > 0 && renderCopyButton(response.question, answers),
      turn.number && renderLinkButton(() => shown.actions.linkTo(turn)),
      renderWhyButton(shown, answers.length > 0),
    ),
    el("p", { "data-testid": "timing" }, answers.length > 0 ? strings.answeredIn(time) : strings.searchedIn(time)),
  );
}

/** That an engine is away, and the search was not what it is else. @param {import("./types.js").AskResponse} response */
function renderDegraded({ degraded }) {
  return degraded && el("p", { role: "note", "data-testid": "degraded" }, strings.degraded({ reason: degraded }));
}

/** What was searched for where it is not the question, and a way to search for something else. @param {Shown} shown */
function renderSearched({ response: { question, searched }, turn, actions }) {
  if (!searched || searched === question) return null;
  const line = el("div", { class: "searched" });
  const edit = el("button", { class: "button-link", type: "button", "data-testid": "searched-edit" }, strings.searchedEdit);
  edit.addEventListener("click", async () => {
    const { renderSearchForm } = await import("./search-form.js");
    line.append(renderSearchForm(searched, (text) => actions.askAgain(text, { history: [], filters: turn.filters }), edit));
    edit.hidden = true;
  });
  line.append(el("p", { dir: "auto", "data-testid": "searched" }, strings.searchedAs({ searched })), edit);
  return line;
}

/** @param {Shown} shown */
function renderFiltered({ response, turn }) {
  const words = filtersInWords(response.filters ?? turn.filters ?? {});
  return words.length > 0 && el("p", { dir: "auto", "data-testid": "filtered" }, strings.filteredBy({ filters: words.join(", ") }));
}

/** @param {import("./types.js").SuggestedFilter} suggested @param {Shown} shown */
function renderSuggested({ date_from: from, date_to: to, label }, { response, turn, actions }) {
  const now = response.filters ?? turn.filters ?? {};
  if ((now.date_from ?? null) === from && (now.date_to ?? null) === to) return null;
  const dates = filtersInWords({ date_from: from ?? undefined, date_to: to ?? undefined }).join(", ");
  const line = el("p", { class: "suggested-filter", "data-testid": "suggested-filter" });
  const filters = { ...now, date_from: from ?? undefined, date_to: to ?? undefined };
  const drop = () => {
    const next = line.nextElementSibling?.querySelector("button");
    line.remove();
    next?.focus({ preventScroll: true });
  };
  line.append(
    el("span", { dir: "auto" }, strings.suggestedFilter({ label: label || dates })),
    el("button", { class: "button-link", type: "button", title: dates, "data-testid": "suggested-apply", click: () => actions.askAgain(response.question, { filters }) }, strings.suggestedApply),
    el("button", { class: "button-link", type: "button", "data-testid": "suggested-drop", click: drop }, strings.suggestedDrop),
  );
  return line;
}

/** @param {Shown} shown @param {boolean} answered */
function renderWhyButton(shown, answered) {
  const button = el("button", { class: "button-quiet", type: "button", "aria-expanded": "false", "data-testid": "why" }, answered ? strings.whyElse : strings.whyNot);
  button.addEventListener("click", async () => {
    const { toggleWhy } = await import("./why.js");
    toggleWhy(button, shown);
  });
  return button;
}
