// The conversation on the page: which one it is, and a copy of it that outlives a reload or a lost server.

import { host } from "./host.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").Turn} Turn
 * @typedef {{id: string|null, turns: Turn[]}} Mirror
 */

const KEY = "conversation.v2";
const PARAMETER = "conversation";
const HISTORY_TURNS = 20;
const HISTORY_CITATIONS = 3;

/** Whether the server keeps conversations. */
export const keeps = () => host === null && document.body.dataset.keeps !== undefined;

/** @returns {Mirror} */
export function loadMirror() {
  try {
    const { id, turns } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    return { id: id ?? null, turns: Array.isArray(turns) ? turns.map(settle) : [] };
  } catch {
    return { id: null, turns: [] };
  }
}

/** @param {Mirror} mirror */
export function saveMirror({ id, turns }) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ id, turns: turns.map(lean) }));
  } catch {
    // Storage may be full or forbidden; the conversation then lasts as long as the page, or is kept by the server.
  }
}

/** @returns {string|null} */
export const conversationInAddress = () => new URLSearchParams(location.search).get(PARAMETER);

/** @param {string|null} id @param {{step: boolean}} options  whether the browser's Back leads to what was shown before */
export function writeConversation(id, { step }) {
  if (conversationInAddress() === id) return;
  const address = addressOf(id);
  if (step) history.pushState(null, "", address);
  else history.replaceState(history.state, "", address + location.hash);
}

/** @param {string|null} id */
export const addressOf = (id) => (id === null ? location.pathname : `${location.pathname}?${PARAMETER}=${encodeURIComponent(id)}`);

/** @param {string|null} id @param {Turn} turn  an address that opens the conversation at this turn */
export const linkTo = (id, turn) => `${location.origin}${addressOf(id)}#turn=${turn.number}`;

/** @returns {number|null} */
export function turnInAddress() {
  const value = new URLSearchParams(location.hash.slice(1)).get("turn") ?? "";
  return /^\d{1,9}$/.test(value) ? Number(value) : null;
}

/** What a follow-up may lean on, where the server does not keep it. @param {Turn[]} turns */
export function historyOf(turns) {
  const answered = turns.filter(({ response }) => response).slice(-HISTORY_TURNS);
  return answered.map(({ question, response }) => {
    const best = response?.answers[0];
    return { question, answer: best?.text ?? null, citations: best?.citations.slice(0, HISTORY_CITATIONS) ?? null };
  });
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
