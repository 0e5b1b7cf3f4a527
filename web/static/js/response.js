// Everything only a received response needs; loaded with the first question, not with the page.

import { renderAbstention } from "./abstention.js";
import { describeAnswer, renderAnswer } from "./answer.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").AskResponse} AskResponse
 * @typedef {import("./types.js").Turn} Turn
 * @typedef {import("./chat.js").ChatActions} ChatActions
 * @typedef {{response: AskResponse, turn: Turn, actions: ChatActions}} Shown  what every part of an answer may need
 */

/** @param {AskResponse} response @param {Turn} turn @param {ChatActions} actions */
export function renderResponse(response, turn, actions) {
  const cited = onlyCited(response);
  const shown = { response: cited, turn, actions };
  return isAnswered(cited) ? renderAnswer(shown) : renderAbstention(shown);
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
