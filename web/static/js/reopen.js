// A conversation that the server keeps, as turns of this page.

import { readConversation } from "./api-conversations.js";

/** @typedef {import("./types.js").Turn} Turn */

const AT_ONCE = 50;

/**
 * The last turns, or those before a number; enough of them to hold a turn that a link names.
 * @param {string} id
 * @param {{before?: number, holding?: number|null}} [options]
 * @returns {Promise<{title: string, turns: Turn[], earlier: boolean}>}
 */
export async function readTurns(id, { before, holding = null } = {}) {
  const { title, turns, earlier, feedback } = await readConversation(id, { before, limit: AT_ONCE });
  /** @type {Turn[]} */
  const read = turns.map(({ number, question, answer_set: response }) => ({
    question,
    state: "done",
    number,
    response: { ...response, conversation: id, turn: number },
    judged: Object.fromEntries(feedback.filter(({ turn }) => turn === number).map(({ answer, right }) => [answer ?? "", right])),
  }));
  const first = read[0]?.number ?? 1;
  if (!earlier || holding === null || holding >= first) return { title, turns: read, earlier };
  const rest = await readTurns(id, { before: first, holding });
  return { title, turns: [...rest.turns, ...read], earlier: rest.earlier };
}

/**
 * What the page alone knows: questions that got no answer.
 * @param {Turn[]} kept
 * @param {Turn[]} mirrored
 */
export function merge(kept, mirrored) {
  const lastKept = kept.at(-1)?.question;
  // A question whose page was left before its answer came may have been kept all the same.
  const unanswered = mirrored.filter(({ state, question }) => state === "failed" && question !== lastKept);
  return [...kept, ...unanswered];
}

/**
 * The turns that were asked after the kept ones had been requested, without those that were kept in time.
 * @param {Turn[]} asked
 * @param {Turn[]} kept
 */
export function unkept(asked, kept) {
  return asked.filter((turn) => turn.number === undefined || !kept.some(({ number }) => number === turn.number));
}
