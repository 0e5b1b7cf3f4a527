// What only a received response needs; what stands below it is the page's to say.

import { renderAbstention } from "./abstention.js";
import { describeAnswer, renderAnswer } from "./answer.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").AskResponse} AskResponse
 * @typedef {import("./types.js").Answer} Answer
 * @typedef {import("./types.js").Turn} Turn
 *
 * @typedef {Object} Shown  what every part of an answer may need
 * @property {AskResponse} response
 * @property {Turn} turn
 * @property {import("./chat.js").ChatActions} actions
 * @property {(shown: Shown, answers: Answer[]) => Node|null} foot  below an answer or an abstention
 * @property {(shown: Shown, answer: Answer|null) => Node|null} judge  null: that there was none is judged
 * @property {boolean} adds  whether documents can be added here
 */

/** @param {Shown} shown */
export function renderShown(shown) {
  const cited = { ...shown, response: onlyCited(shown.response) };
  return isAnswered(cited.response) ? renderAnswer(cited) : renderAbstention(cited);
}

/** @param {AskResponse} response */
export function describeResponse(response) {
  const cited = onlyCited(response);
  if (isAnswered(cited)) return describeAnswer(cited);
  const count = cited.passages.length;
  return count === 0 ? strings.abstentionAnnounced : strings.abstentionPlacesAnnounced({ count });
}

/**
 * An answer that cannot be checked is not shown as one.
 * @param {AskResponse} response
 * @returns {AskResponse}
 */
const onlyCited = (response) => ({
  ...response,
  answers: response.answers.filter((answer) => answer.citations.length > 0),
});

/** @param {AskResponse} response */
const isAnswered = ({ answered, answers }) => answered && answers.length > 0;
