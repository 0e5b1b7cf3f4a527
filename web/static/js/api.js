import { strings } from "./strings.en.js";

/** What went wrong, in a sentence that can be shown as it stands. */
export class ApiError extends Error {}

/**
 * @param {string} question
 * @param {AbortSignal} signal
 * @returns {Promise<import("./types.js").AskResponse>}
 */
export function ask(question, signal) {
  return request("api/v1/ask", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ question }),
    signal,
  });
}

/** @returns {Promise<import("./types.js").DocumentList>} */
export const listDocuments = () => request("api/v1/documents");

/** @param {number} id @returns {Promise<import("./types.js").DocumentDetail>} */
export const readDocument = (id) => request(`api/v1/documents/${id}`);

/** @returns {Promise<import("./types.js").Status>} */
export const readStatus = () => request("api/v1/status");

/** @param {string} path @param {RequestInit} [options] */
async function request(path, options = {}) {
  const response = await reach(path, options);
  if (!response.ok) throw new ApiError(await problemDetail(response));
  try {
    return await response.json();
  } catch (error) {
    throw isAbort(error) ? error : new ApiError(strings.unreadableAnswer);
  }
}

/** @param {string} path @param {RequestInit} options */
async function reach(path, options) {
  try {
    return await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    throw isAbort(error) ? error : new ApiError(strings.noAnswerFromServer);
  }
}

/** @param {Response} response @returns {Promise<string>} */
async function problemDetail(response) {
  const fallback = strings.serverRefused(response.status);
  try {
    const problem = await response.json();
    return String(problem.detail || problem.title || fallback);
  } catch {
    return fallback;
  }
}

/** @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";
