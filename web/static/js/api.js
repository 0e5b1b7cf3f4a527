import { strings } from "./strings.en.js";

/** What went wrong, in a sentence that can be shown as it stands. */
export class ApiError extends Error {
  /** @param {string} sentence @param {number} [status]  0 where no answer came */
  constructor(sentence, status = 0) {
    super(sentence);
    this.status = status;
  }
}

/**
 * @param {string} question
 * @param {AbortSignal} signal
 * @returns {Promise<import("./types.js").AskResponse>}
 */
export function ask(question, signal) {
  return post("api/v1/ask", { question }, signal);
}

/** @returns {Promise<import("./types.js").DocumentList>} */
export const listDocuments = () => request("api/v1/documents");

/** @param {number} id @returns {Promise<import("./types.js").DocumentDetail>} */
export const readDocument = (id) => request(`api/v1/documents/${id}`);

/** @returns {Promise<import("./types.js").Status>} */
export const readStatus = () => request("api/v1/status");

/** @returns {Promise<{jobs: import("./types.js").Job[]}>} */
export const listJobs = () => request("api/v1/jobs");

/** @param {string} path @param {unknown} body @param {AbortSignal} [signal] */
export const post = (path, body, signal) =>
  request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });

/** @param {string} path @param {RequestInit} [options] */
export async function request(path, options = {}) {
  const response = await reach(path, options);
  if (!response.ok) throw new ApiError(await problemDetail(response), response.status);
  try {
    return await response.json();
  } catch (error) {
    throw isAbort(error) ? error : new ApiError(strings.unreadableAnswer);
  }
}

/** @param {string} path @param {RequestInit} options */
export async function reach(path, options) {
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
