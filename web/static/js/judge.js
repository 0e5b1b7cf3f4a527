// Whether an answer was right, as the user sees it; kept to fit the confidence to their questions.

import { announce } from "./announce.js";
import { ApiError } from "./api.js";
import { giveFeedback } from "./api-conversations.js";
import { el, icon } from "./dom.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").Answer} Answer
 * @typedef {import("./shown.js").Shown} Shown
 */

/** @param {Shown} shown @param {Answer|null} answer  null: that there was none is judged */
export function renderJudge(shown, answer) {
  if (document.body.dataset.keeps === undefined) return null;
  const key = answer?.text ?? "";
  const judged = (shown.turn.judged ??= {});
  const note = el("span", { class: "judge-note" });
  const buttons = [true, false].map((right) => {
    const judgement = right ? strings.right : strings.wrong;
    const label = answer ? strings.judgeAnswer({ judgement, text: answer.text }) : strings.judgeDeclined({ judgement });
    const testId = right ? "judge-right" : "judge-wrong";
    return el(
      "button",
      { class: "button-icon", type: "button", title: judgement, "aria-label": label, "aria-pressed": String(judged[key] === right), "data-testid": testId, click: () => give(right) },
      icon(right ? "up" : "down"),
    );
  });

  /** @param {boolean} right */
  async function give(right) {
    const now = judged[key] === right ? null : right;
    try {
      await giveFeedback(judgementOf(shown, answer, now));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      note.textContent = error.message;
      return announce(error.message);
    }
    if (now === null) delete judged[key];
    else judged[key] = now;
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(judged[key] === (index === 0))));
    note.textContent = now === null ? "" : strings.judged;
    announce(now === null ? strings.judgeRevoked : strings.judged);
    shown.actions.save();
  }

  return el("p", { class: "judge" }, el("span", {}, strings.judge), ...buttons, note);
}

/** @param {Shown} shown @param {Answer|null} answer @param {boolean|null} right */
function judgementOf({ turn, response }, answer, right) {
  const best = answer?.citations[0];
  return {
    question: response.question,
    answer: answer?.text ?? null,
    right,
    conversation: response.conversation ?? null,
    turn: turn.number ?? null,
    searched: response.searched,
    confidence: answer?.confidence ?? null,
    generation: response.generation,
    source: best?.source ?? null,
    version: best?.version ?? null,
    start: best?.start ?? null,
    end: best?.end ?? null,
  };
}
