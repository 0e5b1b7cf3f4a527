// One card of the list of work: what is sent or done, how far it is, and what went wrong.

import { el, find, icon } from "./dom.js";
import { strings } from "./strings.js";

/**
 * @typedef {{name: string, reason: string}} Problem
 * @typedef {ReturnType<typeof createCard>} Card
 */

const PROBLEMS_AT_ONCE = 5;

/** @param {string} title  as users named it: a file, an address */
export function createCard(title) {
  const heading = el("bdi", { class: "job-title" }, title);
  const note = el("p", { class: "job-note", "data-testid": "job-note" });
  const bar = el("progress", { class: "job-bar", "aria-label": strings.progressOf({ title }), "data-testid": "job-progress" });
  const problemList = el("div", { class: "job-body" });
  const repair = el("div", { class: "job-body" });
  // One button in both roles: what has the focus keeps it when the work ends.
  const button = el("button", { type: "button", "data-testid": "job-button", click: () => press() });
  const card = el(
    "li",
    { class: "job", "data-testid": "job" },
    el("p", { class: "job-head" }, heading),
    button,
    bar,
    note,
    problemList,
    repair,
  );
  let press = () => {};
  find("#jobs-list").prepend(card);
  showRegion();

  /** @param {string} state @param {string} text */
  function show(state, text) {
    card.dataset.state = state;
    if (note.textContent !== text) note.textContent = text;
    bar.hidden = state !== "working";
  }

  /** @param {() => void} onPress @param {boolean} cancels */
  function setButton(onPress, cancels) {
    press = onPress;
    if (button.dataset.cancels === String(cancels)) return;
    button.dataset.cancels = String(cancels);
    button.className = cancels ? "button-quiet job-button" : "button-icon job-button";
    button.ariaLabel = cancels ? strings.cancelNamed({ title }) : strings.dismissNamed({ title });
    button.title = cancels ? "" : strings.dismiss;
    button.replaceChildren(cancels ? strings.cancel : icon("close"));
  }

  function remove() {
    const hadFocus = card.contains(document.activeElement);
    const next = card.nextElementSibling ?? card.previousElementSibling;
    card.remove();
    showRegion();
    if (hadFocus) find(next ? ".job-button" : "#add-files", next ?? document).focus();
  }

  return {
    remove,

    setTitle(/** @type {string} */ text) {
      heading.textContent = text;
    },

    /** @param {{note: string, done?: number, total?: number, onCancel: () => void}} work  before the first is done nothing tells how far it is */
    showWork({ note: text, done = 0, total = 0, onCancel }) {
      show("working", text);
      setButton(onCancel, true);
      if (done > 0) {
        bar.max = total;
        bar.value = done;
      } else bar.removeAttribute("value");
    },

    /** @param {string} text @param {() => void} [onDismiss] */
    showDone(text, onDismiss = remove) {
      show("done", text);
      setButton(onDismiss, false);
    },

    /** @param {{note: string, detail?: string, onRetry?: () => void, onDismiss?: () => void}} failure */
    showFailure({ note: text, detail, onRetry, onDismiss = remove }) {
      show("failed", text);
      setButton(onDismiss, false);
      if (repair.hasChildNodes()) return; // shown again and again while other work goes on
      if (detail) repair.append(el("p", { dir: "auto", "data-testid": "job-failure" }, detail));
      if (onRetry) repair.append(el("button", { class: "button-plain", type: "button", "data-testid": "job-retry", click: onRetry }, strings.retry));
    },

    /** @param {Problem[]} problems */
    showProblems(problems) {
      if (problems.length === 0) return;
      const items = problems.map((problem) => renderProblem(problem, heading.textContent));
      const rest = items.splice(PROBLEMS_AT_ONCE);
      problemList.replaceChildren(el("ul", { class: "job-problems" }, ...items));
      if (rest.length === 0) return;
      problemList.append(el("details", {}, el("summary", {}, strings.moreProblems({ count: rest.length })), el("ul", {}, ...rest)));
    },
  };
}

/** @param {Problem} problem @param {string|null} title  where it is the name, that need not be said again */
function renderProblem({ name, reason }, title) {
  const words = el("bdi", { lang: "en" }, reason); // as the server has it
  const named = el("span", { class: "job-problem-name" }, el("bdi", {}, name), ": ");
  return el("li", { "data-testid": "job-problem" }, name !== title && named, words);
}

function showRegion() {
  find("#jobs").hidden = find("#jobs-list").childElementCount === 0;
}
