// Short readable forms of dates and sources.

import { language, strings } from "./strings.js";

const DAY = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });

/**
 * Where a document came from, without the mark of how it came.
 * @param {string} source
 */
export function sourcePath(source) {
  if (source.startsWith("text:")) return strings.pastedText;
  return source.startsWith("upload:") ? source.slice("upload:".length) : source;
}

/**
 * The last component of the path or URL; of a member, after that of the file that holds it.
 * @param {string} source
 */
export function sourceName(source) {
  const [file, ...members] = sourcePath(source).split("!/");
  const parts = /^https?:/.test(file) ? file.replace(/[?#].*$/, "").split("/") : file.split(/[\\/]/);
  return [parts.filter(Boolean).at(-1) ?? file, ...members].join(", ");
}

/** Where documents come from, as they are filtered by it: the host, the folder, or how. @param {string} source */
export function originOf(source) {
  if (source.startsWith("text:")) return strings.pastedText;
  if (source.startsWith("upload:")) return strings.filterUploads;
  if (/^https?:/.test(source) && URL.canParse(source)) return new URL(source).host;
  return source.split(/[\\/]/).slice(0, -1).filter(Boolean).at(-1) ?? source;
}

/**
 * @param {string} iso
 */
export function readableDate(iso) {
  const day = /^\d{4}-\d{2}-\d{2}/.exec(iso);
  const time = day ? Date.parse(day[0]) : NaN;
  return Number.isNaN(time) ? iso : DAY.format(time);
}

/** @param {number} ms */
export function duration(ms) {
  if (ms < 1000) return strings.milliseconds({ count: Math.round(ms) });
  return strings.seconds({ count: Math.round(ms / 100) / 10 });
}
