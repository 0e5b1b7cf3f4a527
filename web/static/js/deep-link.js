// The address names the open place: #document=3&start=120&end=131

/** @typedef {{documentId: number, start: number|null, end: number|null}} Link */

/** @returns {Link|null} */
export function readLink() {
  const values = new URLSearchParams(location.hash.slice(1));
  const documentId = wholeNumber(values.get("document"));
  if (documentId === null) return null;
  const start = wholeNumber(values.get("start"));
  const end = wholeNumber(values.get("end"));
  return start !== null && end !== null && start < end
    ? { documentId, start, end }
    : { documentId, start: null, end: null };
}

/**
 * Opening adds a history step, so that the browser's Back closes the panel; moving on inside it does not.
 * @param {Link} link
 */
export function writeLink(link) {
  const hash = format(link);
  if (location.hash === hash) return;
  const stays = readLink() !== null || history.state?.closed === true;
  if (stays) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
}

export function clearLink() {
  // The step is kept and marked, so that opening again uses it up and steps do not pile up.
  if (readLink()) history.replaceState({ closed: true }, "", location.pathname + location.search);
}

/** @param {(link: Link|null) => void} listener */
export function onLinkChange(listener) {
  window.addEventListener("popstate", () => {
    const link = readLink();
    // The skip link changes the address too, and must not close the panel.
    if (link || location.hash === "") listener(link);
  });
}

/** @param {Link} link */
function format({ documentId, start, end }) {
  return start === null ? `#document=${documentId}` : `#document=${documentId}&start=${start}&end=${end}`;
}

/** @param {string|null} value */
function wholeNumber(value) {
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
