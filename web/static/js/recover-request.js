// A link names one place; the conversation may know the answer it belongs to, and so its other places.

import { closestPlace } from "./abstention.js";
import { sourceRequest } from "./citation.js";
import { placeOf } from "./standings.js";

/**
 * @typedef {import("./types.js").SourceRequest} SourceRequest
 * @typedef {import("./deep-link.js").Link} Link
 */

/**
 * @param {Link} link
 * @param {import("./types.js").Turn[]} turns
 * @returns {SourceRequest}
 */
export function recoverRequest(link, turns) {
  const { documentId, start, end } = link;
  if (start === null || end === null) return { documentId, places: [], current: 0 };
  return (
    fromConversation(link, turns) ?? { documentId, places: [{ start, end, quote: null, kind: "answer" }], current: 0 }
  );
}

/** @param {Link} link @param {import("./types.js").Turn[]} turns @returns {SourceRequest|null} */
function fromConversation({ documentId, start, end }, turns) {
  const isHere = (/** @type {import("./standings.js").Cited} */ cited) => {
    const now = placeOf(cited);
    return now.document_id === documentId && now.start === start && now.end === end;
  };
  for (const turn of [...turns].reverse()) {
    for (const { citations } of turn.response?.answers ?? []) {
      const citation = citations.find(isHere);
      if (citation) return sourceRequest(citations, citation);
    }
    const passage = turn.response?.passages.find(isHere);
    if (passage) return { documentId, places: [closestPlace(passage)], current: 0 };
  }
  return null;
}
