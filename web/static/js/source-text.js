// Divides a document's text into plain stretches, page furniture and marked places.

import { el } from "./dom.js";
import { strings } from "./strings.js";
import { codeUnitOffsets } from "./text.js";

/**
 * @typedef {import("./types.js").Place} Place
 * @typedef {import("./types.js").Range} Range
 * @typedef {{start: number, end: number, place: number|null}} Segment  offsets in code units; no place means furniture
 */

const BLOCKS_FROM = 60_000; // characters; a shorter text is laid out at once
const BLOCK_LENGTH = 8_000;
// Of a block that was never in sight the height is guessed, in characters and pixels of a line.
const LINE_LENGTH = 55;
const LINE_HEIGHT = 29;

/**
 * @param {string} text
 * @param {Place[]} places
 * @param {number} current
 * @param {{furniture: Range[], pages?: number[]}} layout  pages: where each begins
 * @returns {(Node|string)[]}
 */
export function renderText(text, places, current, { furniture, pages = [] }) {
  const blocks = new Blocks(text.length > BLOCKS_FROM);
  let position = 0;
  const segments = divide(text, places, current, furniture);
  for (const part of withBreaks(text, segments, pages)) {
    blocks.addText(text.slice(position, part.start));
    if ("page" in part) blocks.add(renderBreak(part.page), 0);
    else blocks.add(renderSegment(text, part, places, current), part.end - part.start);
    position = part.end;
  }
  blocks.addText(text.slice(position));
  return blocks.finished();
}

/**
 * A long text in blocks, of which the browser lays out only those in sight. They end where lines
 * do, so that nothing looks or reads different.
 */
class Blocks {
  /** @type {(Node|string)[]} */
  #done = [];
  /** @type {(Node|string)[]} */
  #nodes = [];
  #length = 0;
  #divided;

  /** @param {boolean} divided */
  constructor(divided) {
    this.#divided = divided;
  }

  /** @param {Node|string} node @param {number} length */
  add(node, length) {
    this.#nodes.push(node);
    this.#length += length;
  }

  /** @param {string} text */
  addText(text) {
    let rest = text;
    while (this.#divided && this.#length + rest.length > BLOCK_LENGTH) {
      const end = rest.indexOf("\n", Math.max(0, BLOCK_LENGTH - this.#length)) + 1;
      if (end === 0) break; // the line ends in what follows
      this.add(rest.slice(0, end), end);
      this.#close();
      rest = rest.slice(end);
    }
    this.add(rest, rest.length);
  }

  finished() {
    if (!this.#divided) return this.#nodes;
    this.#close();
    return this.#done;
  }

  #close() {
    const block = el("div", { class: "source-block" }, ...this.#nodes);
    block.style.containIntrinsicBlockSize = `auto ${Math.ceil(this.#length / LINE_LENGTH) * LINE_HEIGHT}px`;
    this.#done.push(block);
    this.#nodes = [];
    this.#length = 0;
  }
}

/**
 * A page that begins inside a mark or a piece of furniture is shown to begin before it.
 * @param {string} text
 * @param {Segment[]} segments  in order
 * @param {number[]} pages
 * @returns {(Segment|{start: number, end: number, page: number})[]}
 */
function withBreaks(text, segments, pages) {
  const units = codeUnitOffsets(text, pages);
  const breaks = pages.slice(1).map((begin, index) => {
    const at = units.get(begin) ?? 0;
    const around = segments.find(({ start, end }) => start < at && at < end);
    return { start: around?.start ?? at, end: around?.start ?? at, page: index + 2 };
  });
  // At one place the break comes first.
  return [...breaks, ...segments].sort((a, b) => a.start - b.start);
}

/** Its words are drawn, not written: the text of the document stays as it is. @param {number} page */
function renderBreak(page) {
  const label = strings.pageBreak({ page });
  return el("span", { class: "page-break", role: "separator", "aria-label": label, "data-label": label, "data-testid": "page-break" });
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
      title: places[place].kind === "answer" ? strings.markAnswer : strings.closestTitle,
      tabindex: -1,
      "data-testid": "source-mark",
      "data-kind": places[place].kind,
      "data-current": place === current,
    },
    words,
  );
}
