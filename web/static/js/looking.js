// A watched folder, another tab or a terminal may change the library while the page is open.

import { listJobs } from "./api.js";
import { refreshLibrary } from "./library.js";

const EVERY_MS = 20_000;

export function startLooking() {
  lookForJobs();
  document.addEventListener("visibilitychange", lookAgain);
  window.setInterval(lookAgain, EVERY_MS);
}

function lookAgain() {
  if (document.visibilityState !== "visible") return;
  refreshLibrary();
  lookForJobs();
}

/** Work that was begun before this page was opened, or elsewhere. */
async function lookForJobs() {
  const list = await listJobs().catch(() => null); // that the server is away is said by the library
  if (list && list.jobs.length > 0) (await import("./jobs.js")).refreshJobs();
}
