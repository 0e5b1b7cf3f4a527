// Reads the document that a citation opens, and finds the citation's place in it as it is now.

import { ApiError, readDocument } from "./api.js";
import { paintStandings } from "./standing-notes.js";
import { askStandings, placeOf, stateOf } from "./standings.js";
import { verifyPlaces } from "./verify-places.js";

/**
 * @typedef {import("./types.js").Place} Place
 * @typedef {import("./types.js").DocumentDetail} DocumentDetail
 * @typedef {import("./types.js").SourceRequest} SourceRequest
 * @typedef {{detail: DocumentDetail, places: Place[], current: number, outcome: import("./verify-places.js").Outcome}} Settled
 */

/**
 * @param {SourceRequest} request
 * @returns {Promise<Settled|null>}  null where the document is no longer in the library
 */
export async function settle(request) {
  const detail = await readIfThere(request.documentId);
  const citations = request.places.flatMap(({ citation }) => (citation?.version ? [citation] : []));
  if (citations.every(({ version }) => version === detail?.version)) return detail && verified(detail, request);
  await askStandings(citations);
  paintStandings();
  return settleAnew(request, detail);
}

/** @param {SourceRequest} request @param {DocumentDetail|null} read @returns {Promise<Settled|null>} */
async function settleAnew(request, read) {
  const asked = request.places[request.current].citation;
  if (!asked || stateOf(asked) === "gone") return null;
  const id = placeOf(asked).document_id;
  const detail = read?.id === id ? read : await readIfThere(id);
  if (!detail) return null;
  const places = request.places.flatMap((place) => placeNow(place, id));
  const current = places.findIndex(({ citation }) => citation === asked);
  const settled = verified(detail, { documentId: id, places, current: Math.max(0, current) });
  if (current < 0) return { ...settled, outcome: "lost" };
  return stateOf(asked) === "moved" && settled.outcome === "same" ? { ...settled, outcome: "moved" } : settled;
}

/** @param {Place} place @param {number} documentId @returns {Place[]} */
function placeNow(place, documentId) {
  if (!place.citation) return [place];
  const { document_id, start, end } = placeOf(place.citation);
  const stands = document_id === documentId && !["changed", "gone"].includes(stateOf(place.citation));
  return stands ? [{ ...place, start, end }] : [];
}

/** @param {DocumentDetail} detail @param {SourceRequest} request @returns {Settled} */
const verified = (detail, { places, current }) => ({ detail, ...verifyPlaces(detail.text, places, current) });

/** @param {number} id */
async function readIfThere(id) {
  try {
    return await readDocument(id);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
