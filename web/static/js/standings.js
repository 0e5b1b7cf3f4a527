// Where citations stand in the library as it is now, as far as that has been asked.

import { ApiError } from "./api.js";
import { resolveCitation } from "./api-library.js";

/**
 * @typedef {import("./types.js").Citation} Citation
 * @typedef {import("./types.js").Standing} Standing
 * @typedef {{document_id: number, start: number, end: number, version?: string}} Cited  a citation or a closest place
 */

const AT_ONCE = 4;
const UNPROCESSABLE = 422;

/** @type {Map<string, Standing>} */
const standings = new Map();
/** Of what carries no version only the document can be looked for. @type {Set<number>} */
const goneIds = new Set();

/** @param {Cited} cited */
const keyOf = ({ document_id, version, start, end }) => `${document_id}:${version}:${start}:${end}`;

/** @param {Cited} cited @returns {Standing["state"]} */
export function stateOf(cited) {
  if (cited.version) return standings.get(keyOf(cited))?.state ?? "same";
  return goneIds.has(cited.document_id) ? "gone" : "same";
}

/** @param {Cited[]} cited @param {Set<number>} libraryIds */
export function noteGone(cited, libraryIds) {
  for (const { document_id: id } of cited) {
    if (libraryIds.has(id)) goneIds.delete(id);
    else goneIds.add(id);
  }
}

/** @param {Cited} cited @returns {{document_id: number, start: number, end: number}} */
export function placeOf(cited) {
  const now = standings.get(keyOf(cited));
  if (now?.state !== "moved" || now.document_id === null || now.start === null || now.end === null) return cited;
  return { document_id: now.document_id, start: now.start, end: now.end };
}

/**
 * Throws `ApiError`.
 * @param {Citation[]} citations
 * @param {number} [generation]  those already asked about in it are left out
 */
export async function askStandings(citations, generation) {
  const asked = new Map(citations.filter(({ version }) => version).map((citation) => [keyOf(citation), citation]));
  const waiting = [...asked].filter(([key]) => generation === undefined || standings.get(key)?.generation !== generation);
  const askNext = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await askOne(...next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askNext));
}

/** @param {string} key @param {Citation} citation */
async function askOne(key, citation) {
  try {
    standings.set(key, await resolveCitation(citation));
  } catch (error) {
    // What the server cannot make sense of stays as it was given.
    if (!(error instanceof ApiError && error.status === UNPROCESSABLE)) throw error;
  }
}
