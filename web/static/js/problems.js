// What a server refuses, in this page's language: by the kind of problem, else in the server's own words.

import { strings } from "./strings.js";

/** @typedef {{type?: string, title?: string, status?: number, detail?: string}} Problem */

const SECONDS = 1; // where the server does not say how long to wait

/** @param {Problem} problem @param {string|null} [retryAfter]  seconds */
export function inWords({ type, title, status, detail }, retryAfter) {
  const said = String(detail || title || strings.serverRefused({ status: status ?? 0 }));
  const kind = String(type ?? "").split("/").at(-1) ?? "";
  const message = Object.hasOwn(strings.problems, kind) ? strings.problems[kind] : said;
  return typeof message === "function" ? message({ detail: said, count: Math.ceil(Number(retryAfter)) || SECONDS }) : message;
}

/** @param {Response} response @returns {Promise<string>} */
export async function problemOf(response) {
  const problem = await response.json().catch(() => null);
  const known = problem instanceof Object ? problem : {};
  return inWords({ ...known, status: response.status }, response.headers.get("Retry-After"));
}
