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

/**
 * Files, as the field "file" of a form; or the fields of a text or a URL.
 * @param {FormData|{text: string, title?: string, source?: string}|{url: string}} what
 * @param {{signal?: AbortSignal, wait?: number}} [options]  wait: seconds that the answer may wait for the job's end
 * @returns {Promise<import("./types.js").Job>}
 */
export function addDocuments(what, { signal, wait = 0 } = {}) {
  const path = `api/v1/documents?wait=${wait}`;
  return what instanceof FormData ? request(path, { method: "POST", body: what, signal }) : post(path, what, signal);
}

/** @param {number} id @returns {Promise<{removed: number, generation: number}>} */
export const removeDocument = (id) => request(`api/v1/documents/${id}`, { method: "DELETE" });

/** @returns {Promise<{jobs: import("./types.js").Job[]}>} */
export const listJobs = () => request("api/v1/jobs");

/** @param {string} id @returns {Promise<import("./types.js").Job>} */
export const readJob = (id) => request(`api/v1/jobs/${id}`);

/** @param {string} id @returns {Promise<import("./types.js").Job>} */
export const cancelJob = (id) => request(`api/v1/jobs/${id}/cancel`, { method: "POST" });

/** @param {string} id */
export const forgetJob = (id) => request(`api/v1/jobs/${id}`, { method: "DELETE" });

/** @param {import("./types.js").Citation} citation @returns {Promise<import("./types.js").Standing>} */
export function resolveCitation({ document_id, version, start, end, quote, before, after, source }) {
  return post("api/v1/citations/resolve", { document_id, version, start, end, quote, before, after, source });
}

/** The page as the server would give it now. */
export async function readPage() {
  const response = await reach("./", {});
  if (!response.ok) throw new ApiError(strings.serverRefused(response.status), response.status);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** @param {string} path @param {unknown} body @param {AbortSignal} [signal] */
const post = (path, body, signal) =>
  request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });

/** @param {string} path @param {RequestInit} [options] */
async function request(path, options = {}) {
  const response = await reach(path, options);
  if (!response.ok) throw new ApiError(await problemDetail(response), response.status);
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
