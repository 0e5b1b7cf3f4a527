// The questions and answers of this browser tab, kept across reloads.

import { strings } from "./strings.en.js";

/** @typedef {import("./types.js").Turn} Turn */

const KEY = "conversation.v1";

/** @returns {Turn[]} */
export function loadConversation() {
  try {
    const turns = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(turns) ? turns.map(settle) : [];
  } catch {
    return [];
  }
}

/** @param {Turn[]} turns */
export function saveConversation(turns) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(turns.map(lean)));
  } catch {
    // Storage may be full or forbidden; the conversation then lasts as long as the page.
  }
}

/**
 * A question that was still being searched when the page went away can only be asked again.
 * @param {Turn} turn
 * @returns {Turn}
 */
function settle(turn) {
  return turn.state === "pending" ? { ...turn, state: "failed", failure: strings.interrupted } : turn;
}

/**
 * Passages are shown only beside an abstention, and are the bulk of a response.
 * @param {Turn} turn
 * @returns {Turn}
 */
function lean(turn) {
  if (!turn.response?.answered) return turn;
  return { ...turn, response: { ...turn.response, passages: [] } };
}
