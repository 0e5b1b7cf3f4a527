// After the library has changed: what the conversation cites is looked up again.

import { announce } from "./announce.js";
import { ApiError } from "./api.js";
import { paintStandings } from "./standing-notes.js";
import { askStandings, noteGone, stateOf } from "./standings.js";
import { strings } from "./strings.js";

/** @typedef {import("./types.js").Turn} Turn */

/** @param {Turn[]} turns @param {import("./types.js").DocumentList} library */
export async function followLibrary(turns, { documents, generation }) {
  const older = turns.flatMap(({ response }) => (response && response.generation !== generation ? [response] : []));
  const citations = older.flatMap(({ answers }) => answers.flatMap((answer) => answer.citations));
  const closest = older.flatMap(({ passages }) => passages);
  const goneBefore = countGone([...citations, ...closest]);
  noteGone([...citations, ...closest], new Set(documents.map(({ id }) => id)));
  try {
    await askStandings(citations, generation);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // the next change asks again
  }
  paintStandings();
  const gone = countGone([...citations, ...closest]) - goneBefore;
  if (gone > 0) announce(strings.citationsGone({ count: gone }));
}

/** @param {import("./standings.js").Cited[]} cited */
const countGone = (cited) => cited.filter((item) => stateOf(item) === "gone").length;
