// The part of the API that changes the library, and what is asked after a change.

import { ApiError, post, reach, request } from "./api.js";
import { strings } from "./strings.js";

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

/** Undoes the deletion. @param {number} id @returns {Promise<{document_id: number, generation: number}>} */
export const restoreDocument = (id) => request(`api/v1/documents/${id}/restore`, { method: "POST" });

/** @returns {Promise<import("./types.js").Job>} */
export const rebuildIndex = () => request("api/v1/rebuild", { method: "POST" });

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
  if (!response.ok) throw new ApiError(strings.serverRefused({ status: response.status }), response.status);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}
