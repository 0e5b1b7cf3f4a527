// The API counts in Unicode code points, JavaScript strings in UTF-16 code units.

const SURROGATE = /[\uD800-\uDFFF]/;

/**
 * Converts code point offsets to code unit offsets in one walk over the text.
 * @param {string} text
 * @param {number[]} offsets
 * @returns {Map<number, number>}
 */
export function codeUnitOffsets(text, offsets) {
  if (!SURROGATE.test(text)) return new Map(offsets.map((offset) => [offset, Math.min(offset, text.length)]));
  const found = new Map();
  let points = 0;
  let units = 0;
  for (const offset of [...new Set(offsets)].sort((a, b) => a - b)) {
    while (points < offset && units < text.length) {
      units += isPair(text, units) ? 2 : 1;
      points += 1;
    }
    found.set(offset, units);
  }
  return found;
}

/** @param {string} text */
export function countCodePoints(text) {
  let points = 0;
  for (let units = 0; units < text.length; points += 1) units += isPair(text, units) ? 2 : 1;
  return points;
}

/** @param {string} text @param {number} index */
function isPair(text, index) {
  const high = text.charCodeAt(index);
  if (high < 0xd800 || high > 0xdbff) return false;
  const low = text.charCodeAt(index + 1);
  return low >= 0xdc00 && low <= 0xdfff;
}
