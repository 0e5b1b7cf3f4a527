// Who says it: the speaker and the verb, as slices of the cited text, in a line and in the sentence.

import { el } from "./dom.js";
import { strings } from "./strings.js";
import { codeUnitOffsets } from "./text.js";

/**
 * @typedef {import("./types.js").Citation} Citation
 * @typedef {{start: number, end: number, text: string, kind: "quote"|"speaker"|"verb"}} Part  offsets in code points of the document
 */

/** The verb in quotation marks; nothing for the colon after a name in a transcript. @param {{text: string}} verb */
export const quotedVerb = (verb) => (/\p{L}/u.test(verb.text) ? `“${verb.text}”` : "");

/** @param {Citation} citation @param {{kind: boolean}} [options]  whether it is said what the verb does; a heading may say so already */
export function renderSpeaker({ attribution }, { kind: withKind } = { kind: true }) {
  if (!attribution?.verb) return null;
  const { speaker, verb, kind, quoted } = attribution;
  return el(
    "p",
    { class: "speaker-line", "data-testid": "attribution" },
    el("span", { class: "speaker-label" }, strings.saidBy),
    " ",
    el("bdi", { class: "speaker-name", "data-testid": "speaker" }, speaker?.text ?? strings.textItself),
    quotedVerb(verb) && " ",
    quotedVerb(verb) && el("bdi", { class: "speaker-verb", "data-testid": "verb" }, quotedVerb(verb)),
    withKind && " ",
    withKind && el("span", { class: "tag" }, strings.kind[kind] ?? kind),
    quoted && " ",
    quoted && el("span", { class: "tag" }, strings.quotedWords),
  );
}

/**
 * The sentence with the quote marked, and speaker and verb where they stand in it.
 * @param {Citation} citation
 * @param {"blockquote"|"p"} tag
 * @param {string} className
 * @param {string} [markTestId]
 */
export function renderSentence(citation, tag, className, markTestId) {
  const { text } = citation.sentence;
  const [quote, ...said] = placedIn(citation);
  const mark = (/** @type {(Node|string)[]} */ nodes) => el("mark", { "data-testid": markTestId, title: strings.markAnswer }, ...nodes);
  // Shows the quote alone where the sentence does not hold it: a mark never stands on other words.
  if (!quote) return el(tag, { class: className, dir: "auto" }, mark([citation.quote]));
  const between = (/** @type {number} */ start, /** @type {number} */ end) => renderSaid(text, start, end, said);
  return el(
    tag,
    { class: className, dir: "auto" },
    ...between(0, quote.start),
    mark(between(quote.start, quote.end)),
    ...between(quote.end, text.length),
  );
}

/** A stretch of the text with those of the parts that lie wholly in it. @param {string} text @param {number} from @param {number} to @param {Part[]} said */
function renderSaid(text, from, to, said) {
  /** @type {(Node|string)[]} */
  const nodes = [];
  let position = from;
  for (const { start, end, kind } of said) {
    if (start < position || end > to) continue;
    const title = kind === "speaker" ? strings.markSpeaker : strings.markVerb;
    nodes.push(text.slice(position, start), el("span", { class: `said-${kind}`, title, "data-testid": `said-${kind}` }, text.slice(start, end)));
    position = end;
  }
  return [...nodes, text.slice(position, to)];
}

/**
 * The quote, and after it speaker and verb in the order in which they stand, in code units of the
 * sentence; only what stands there word for word.
 * @param {Citation} citation
 * @returns {Part[]}
 */
function placedIn(citation) {
  const { sentence, attribution } = citation;
  /** @type {Part[]} */
  const parts = [{ start: citation.start, end: citation.end, text: citation.quote, kind: "quote" }];
  if (attribution?.speaker) parts.push({ ...attribution.speaker, kind: "speaker" });
  if (attribution?.verb) parts.push({ ...attribution.verb, kind: "verb" });
  const shifted = parts.map((part) => ({ ...part, start: part.start - sentence.start, end: part.end - sentence.start }));
  const units = codeUnitOffsets(sentence.text, shifted.flatMap(({ start, end }) => [start, end]).filter((at) => at >= 0));
  const [quote, ...said] = shifted
    .map((part) => ({ ...part, start: units.get(part.start) ?? -1, end: units.get(part.end) ?? -1 }))
    .map((part) => (part.start >= 0 && part.start < part.end && sentence.text.slice(part.start, part.end) === part.text ? part : null));
  if (!quote) return [];
  return [quote, ...said.filter((part) => part !== null).sort((a, b) => a.start - b.start)];
}
