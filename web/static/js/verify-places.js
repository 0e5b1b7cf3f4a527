// An answer may be older than the document now stored: a mark must never stand on words it did not quote.

import { codeUnitOffsets, countCodePoints } from "./text.js";

/**
 * @typedef {import("./types.js").Place} Place
 * @typedef {"same"|"moved"|"lost"} Outcome
 */

/**
 * @param {string} text
 * @param {Place[]} places
 * @param {number} current  index of the place asked for
 * @returns {{places: Place[], current: number, outcome: Outcome}}
 */
export function verifyPlaces(text, places, current) {
  const units = codeUnitOffsets(text, places.flatMap(({ start, end }) => [start, end]));
  const checked = places.map((place) => verify(text, place, units));
  const kept = checked.filter(({ place }) => place !== null);
  const at = kept.indexOf(checked[current]);
  return {
    places: kept.map(({ place }) => /** @type {Place} */ (place)),
    current: Math.max(0, at),
    outcome: checked[current]?.outcome ?? "same",
  };
}

/**
 * @param {string} text
 * @param {Place} place
 * @param {Map<number, number>} units
 * @returns {{place: Place|null, outcome: Outcome}}
 */
function verify(text, place, units) {
  const found = text.slice(units.get(place.start), units.get(place.end));
  if (place.quote === null ? found !== "" : found === place.quote) return { place, outcome: "same" };
  const moved = place.quote ? text.indexOf(place.quote) : -1;
  if (moved < 0) return { place: null, outcome: "lost" };
  const start = countCodePoints(text.slice(0, moved));
  return { place: { ...place, start, end: start + countCodePoints(place.quote ?? "") }, outcome: "moved" };
}
