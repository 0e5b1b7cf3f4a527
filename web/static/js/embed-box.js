// The box in another site's page: questions, answers and their sources. It writes nothing and keeps nothing.

import { showTurn, useResponses } from "./chat.js";
import { setBusy, startComposer } from "./composer.js";
import { renderCopyButton } from "./copy.js";
import { el, find } from "./dom.js";
import { showSource } from "./embed-source.js";
import { BASE } from "./host.js";
import { Search } from "./search.js";
import { describeResponse, renderShown } from "./shown.js";
import { strings } from "./strings.js";
import { renderUnknownNames } from "./unknown-names.js";

/** @typedef {import("./types.js").Turn} Turn */

/** @type {Turn[]} */
let turns = [];

/** @param {ShadowRoot} shadow @param {Record<string, string>} words @param {DOMStringMap} options */
export function startBox(shadow, words, options) {
  shadow.append(...renderBox(words, options));
  useResponses({ renderResponse, describeResponse });
  /** @type {import("./chat.js").ChatActions} */
  const actions = { openSource: showSource, retry: (turn) => search.run(turn), cancel: () => search.cancel(), askAgain: ask, linkTo: () => "", save: () => {} };
  const search = new Search({
    conversation: () => null,
    turnsBefore: (turn) => turns.slice(0, turns.indexOf(turn)),
    moveTo: () => {},
    note: () => {},
    update: (turn, change) => {
      Object.assign(turn, change);
      showTurn(turn, actions);
      scrollTo(turn);
    },
    isShown: (turn) => turns.includes(turn),
    setBusy,
    onAnswer: () => {},
  });

  /** @param {string} question */
  function ask(question) {
    if (search.isBusy) return;
    /** @type {Turn} */
    const turn = { question, state: "pending" };
    turns = [...turns, turn];
    find("#welcome").hidden = true;
    search.run(turn);
  }

  startComposer(ask, () => turns.map(({ question }) => question));
}

/** @param {Record<string, string>} words @param {DOMStringMap} options */
function renderBox(words, { title, placeholder }) {
  const name = title || words.welcome;
  const input = { class: "composer-input", id: "question", rows: 1, maxlength: 1000, dir: "auto", autocomplete: "off", enterkeyhint: "send", placeholder: placeholder || words.askPlaceholder, "aria-describedby": "composer-counter", "data-testid": "question-input" };
  return [
    el("section", { class: "box", "aria-label": name },
      el("div", { class: "box-scroll", id: "chat-scroll", role: "region", "aria-label": words.conversation, tabindex: 0 },
        el("div", { class: "welcome", id: "welcome" }, el("h2", { class: "welcome-title", dir: "auto" }, name), el("p", { class: "welcome-lead" }, words.lead)),
        el("ol", { class: "turns", id: "turns", "aria-label": words.questions })),
      el("form", { class: "composer", id: "composer", "aria-label": words.askRegion },
        el("div", { class: "composer-box" },
          el("label", { class: "visually-hidden", for: "question" }, words.askLabel),
          el("textarea", input),
          el("button", { class: "button-primary", id: "send", type: "submit", disabled: true, "data-testid": "send" }, words.ask)),
        el("p", { class: "composer-foot" },
          el("a", { href: BASE, target: "_blank", rel: "noopener" }, words.openPage),
          el("span", { class: "composer-counter", id: "composer-counter" })))),
    el("p", { class: "visually-hidden", id: "announcer", role: "status", "aria-live": "polite", "data-testid": "announcer" }),
  ];
}

/** @param {import("./types.js").AskResponse} response @param {Turn} turn @param {import("./chat.js").ChatActions} actions */
const renderResponse = (response, turn, actions) => renderShown({ response, turn, actions, foot: renderFoot, judge: () => null, adds: false });

/** @param {import("./shown.js").Shown} shown @param {import("./types.js").Answer[]} answers */
function renderFoot({ response }, answers) {
  const { question, searched, degraded } = response;
  return el(
    "footer",
    { class: "answer-foot" },
    answers.length > 0 && renderUnknownNames(response),
    degraded && el("p", { role: "note", "data-testid": "degraded" }, strings.degraded({ reason: degraded })),
    searched !== question && el("p", { dir: "auto", "data-testid": "searched" }, strings.searchedAs({ searched })),
    answers.length > 0 && el("div", { class: "answer-tools" }, renderCopyButton(question, answers)),
  );
}

/** Within the box alone: the page around it stays where it is. @param {Turn} turn */
function scrollTo(turn) {
  const item = /** @type {HTMLElement} */ (find("#turns").children[turns.indexOf(turn)]);
  if (item) find("#chat-scroll").scrollTop = item.offsetTop;
}
