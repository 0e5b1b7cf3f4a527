// Short readable forms of dates and sources.

const DAY = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });

/**
 * The last component of a path or URL, or the whole of it where there is none.
 * @param {string} source
 */
export function fileName(source) {
  const parts = source.replace(/[?#].*$/, "").split(/[\\/]/).filter(Boolean);
  return parts.at(-1) ?? source;
}

/**
 * @param {string} iso
 */
export function readableDate(iso) {
  const day = /^\d{4}-\d{2}-\d{2}/.exec(iso);
  const time = day ? Date.parse(day[0]) : NaN;
  return Number.isNaN(time) ? iso : DAY.format(time);
}
