import { eventsOf } from "./events.js";
import { BASE, host } from "./host.js";
import { currentKey } from "./key.js";
import { inWords, problemOf } from "./problems.js";
import { strings } from "./strings.js";

const UNAUTHORIZED = 401;

/** What went wrong, in a sentence that can be shown as it stands. */
export class ApiError extends Error {
  /** @param {string} sentence @param {number} [status]  0 where no answer came */
  constructor(sentence, status = 0) {
    super(sentence);
    this.status = status;
  }
}

/**
 * Asks, and tells of each stage that the server reaches.
 * @param {Record<string, unknown>} body
 * @param {AbortSignal} signal
 * @param {(stage: string, value: any) => void} onStage
 * @returns {Promise<import("./types.js").AskResponse>}
 */
export async function ask(body, signal, onStage) {
  const headers = { "Content-Type": "application/json", Accept: "text/event-stream, application/json;q=0.5" };
  const response = await reach("api/v1/ask", { method: "POST", headers, body: JSON.stringify(body), signal });
  if (!response.ok) throw new ApiError(await problemOf(response), response.status);
  try {
    if (response.headers.get("Content-Type")?.startsWith("application/json")) return await response.json();
    for await (const { name, value } of eventsOf(response)) {
      if (name === "answer") return value;
      if (name === "error") throw new ApiError(inWords(value), Number(value.status));
      onStage(name, value);
    }
  } catch (error) {
    if (isAbort(error) || error instanceof ApiError) throw error;
    // A connection that breaks off is a TypeError, half an event a SyntaxError.
    throw new ApiError(error instanceof SyntaxError ? strings.unreadableAnswer : strings.noAnswerFromServer);
  }
  throw new ApiError(strings.noAnswerFromServer);
}

/** All pages of the list; of a library that changes meanwhile, as the first one saw it or newer.
 * @returns {Promise<import("./types.js").DocumentList>} */
export async function listDocuments() {
  const list = await request("api/v1/documents");
  for (let next = list.next; next; ) {
    const page = await request(`api/v1/documents?cursor=${next}`);
    list.documents.push(...page.documents);
    next = page.next;
  }
  return list;
}

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
  if (!response.ok) throw new ApiError(await problemOf(response), response.status);
  try {
    return await response.json();
  } catch (error) {
    throw isAbort(error) ? error : new ApiError(strings.unreadableAnswer);
  }
}

/** @param {string} path @param {RequestInit} options */
export async function reach(path, options) {
  try {
    const response = await fetch(new URL(path, BASE), { cache: "no-store", ...options, ...asCaller(options) });
    if (response.status === UNAUTHORIZED && !host) import("./key-form.js").then(({ askForKey }) => askForKey());
    return response;
  } catch (error) {
    throw isAbort(error) ? error : new ApiError(strings.noAnswerFromServer);
  }
}

/** With the key, if there is one; in another site's page never with anything of the user's. @param {RequestInit} options @returns {RequestInit} */
function asCaller({ headers }) {
  const sent = new Headers(headers);
  const key = currentKey();
  if (key) sent.set("Authorization", `Bearer ${key}`);
  return { headers: sent, ...(host ? { credentials: "omit", mode: "cors", referrerPolicy: "no-referrer" } : {}) };
}

/** @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";
