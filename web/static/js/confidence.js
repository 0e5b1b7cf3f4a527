import { el } from "./dom.js";
import { strings } from "./strings.js";

const HIGH = 0.75;
const MEDIUM = 0.5;

/** @param {number} value  0 to 1 */
export function confidenceInWords(value) {
  if (value >= HIGH) return strings.confidence.high;
  return value >= MEDIUM ? strings.confidence.medium : strings.confidence.low;
}

/**
 * @param {number} value  0 to 1
 * @param {{percent: boolean}} options  whether the number stands beside the words, or in the tooltip only
 */
export function renderConfidence(value, { percent }) {
  const hundredths = asPercent(value);
  const label = strings.confidencePercent({ percent: hundredths });
  return el(
    "span",
    { class: "confidence", title: label, "data-testid": "confidence" },
    el("meter", { class: "confidence-bar", min: 0, max: 1, value: clamp(value), "aria-label": label }),
    confidenceInWords(value),
    percent && el("span", { class: "confidence-percent" }, strings.percent({ percent: hundredths })),
  );
}

/** @param {number} value */
const asPercent = (value) => Math.round(clamp(value) * 100);

/** @param {number} value */
const clamp = (value) => Math.min(1, Math.max(0, value));
