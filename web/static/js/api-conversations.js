// The part of the API that keeps conversations and judgements.

import { post, request } from "./api.js";

/**
 * @typedef {{id: string, title: string, turns: number, created_at: string, updated_at: string}} Summary
 * @typedef {{number: number, question: string, asked_at: string, answer_set: import("./types.js").AskResponse}} KeptTurn
 * @typedef {{id: string, title: string, questions: number, turns: KeptTurn[], earlier: boolean, feedback: {turn: number, answer: string|null, right: boolean}[]}} Kept
 */

const BASE = "api/v1/conversations";

/** @param {{search?: string, cursor?: number|null}} options @returns {Promise<{conversations: Summary[], next: number|null}>} */
export function listConversations({ search = "", cursor = null }) {
  const query = new URLSearchParams(cursor === null ? { search } : { search, cursor: String(cursor) });
  return request(`${BASE}?${query}`);
}

/** @returns {Promise<Summary>} */
export const createConversation = () => post(BASE, {});

/** @param {string} id @param {{before?: number, limit: number}} options @returns {Promise<Kept>} */
export function readConversation(id, { before, limit }) {
  const query = new URLSearchParams({ limit: String(limit), ...(before ? { before: String(before) } : {}) });
  return request(`${path(id)}?${query}`);
}

/** @param {string} id @param {string} title @returns {Promise<Summary>} */
export const renameConversation = (id, title) =>
  request(path(id), { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ title }) });

/** @param {string} id */
export const deleteConversation = (id) => request(path(id), { method: "DELETE" });

/** @param {string} id @returns {Promise<Summary>} */
export const restoreConversation = (id) => request(`${path(id)}/restore`, { method: "POST" });

/** @param {string} id @param {"markdown"|"json"} format */
export const exportAddress = (id, format) => `${path(id)}/export?format=${format}`;

/** @param {Record<string, unknown>} judgement */
export const giveFeedback = (judgement) => post("api/v1/feedback", judgement);

/** @param {string} id */
const path = (id) => `${BASE}/${encodeURIComponent(id)}`;
