// Everything only a received response needs; loaded with the first question, not with the page.

import { renderAbstention } from "./abstention.js";
import { describeAnswer, renderAnswer } from "./answer.js";
import { strings } from "./strings.en.js";

/** @typedef {import("./types.js").AskResponse} AskResponse */

/** @param {AskResponse} response @param {import("./citation.js").OpenSource} openSource */
export function renderResponse(response, openSource) {
  const cited = onlyCited(response);
  return isAnswered(cited) ? renderAnswer(cited, openSource) : renderAbstention(cited, openSource);
}

/** @param {AskResponse} response */
export function describeResponse(response) {
  const cited = onlyCited(response);
  return isAnswered(cited) ? describeAnswer(cited) : strings.abstentionAnnounced(cited.passages.length);
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
