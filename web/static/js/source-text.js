// Divides a document's text into plain stretches, page furniture and marked places.

import { el } from "./dom.js";
import { strings } from "./strings.en.js";
import { codeUnitOffsets } from "./text.js";

/**
 * @typedef {import("./types.js").Place} Place
 * @typedef {import("./types.js").Range} Range
 * @typedef {{start: number, end: number, place: number|null}} Segment  offsets in code units; no place means furniture
 */

/**
 * @param {string} text
 * @param {Place[]} places
 * @param {number} current
 * @param {Range[]} furniture
 * @returns {(Node|string)[]}
 */
export function renderText(text, places, current, furniture) {
  const nodes = [];
  let position = 0;
  for (const segment of divide(text, places, current, furniture)) {
    nodes.push(text.slice(position, segment.start), renderSegment(text, segment, places, current));
    position = segment.end;
  }
  nodes.push(text.slice(position));
  return nodes;
}

/**
 * Where ranges overlap the current place comes first, so that it is always one whole mark.
 * @param {string} text
 * @param {Place[]} places
 * @param {number} current
 * @param {Range[]} furniture
 * @returns {Segment[]}
 */
function divide(text, places, current, furniture) {
  const units = codeUnitOffsets(text, [...places, ...furniture].flatMap(({ start, end }) => [start, end]));
  const order = places.map((_, index) => index).sort((a, b) => Number(b === current) - Number(a === current));
  const marks = order.map((index) => ({ ...inUnits(places[index], units), place: index }));
  const greyed = furniture.map((range) => ({ ...inUnits(range, units), place: null }));
  /** @type {Segment[]} */
  const taken = [];
  for (const segment of [...marks, ...greyed]) taken.push(...without(segment, taken));
  return taken.sort((a, b) => a.start - b.start);
}

/** @param {Range} range @param {Map<number, number>} units */
function inUnits({ start, end }, units) {
  return { start: units.get(start) ?? 0, end: units.get(end) ?? 0 };
}

/**
 * The pieces of a segment that are still free.
 * @param {Segment} segment
 * @param {Segment[]} taken
 * @returns {Segment[]}
 */
function without(segment, taken) {
  let pieces = [segment];
  for (const other of taken) {
    if (other.end <= segment.start || other.start >= segment.end) continue;
    pieces = pieces.flatMap((piece) => [
      { ...piece, end: Math.min(piece.end, other.start) },
      { ...piece, start: Math.max(piece.start, other.end) },
    ]);
    pieces = pieces.filter((piece) => piece.start < piece.end);
  }
  return pieces.filter((piece) => piece.start < piece.end);
}

/** @param {string} text @param {Segment} segment @param {Place[]} places @param {number} current */
function renderSegment(text, { start, end, place }, places, current) {
  const words = text.slice(start, end);
  if (place === null) return el("span", { class: "furniture", title: strings.furniture }, words);
  return el(
    "mark",
    {
      class: "source-mark",
      tabindex: -1,
      "data-testid": "source-mark",
      "data-kind": places[place].kind,
      "data-current": place === current,
    },
    words,
  );
}
