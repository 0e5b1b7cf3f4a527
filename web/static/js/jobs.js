// Looks after the server's jobs while there are any; shows them and follows what they change.

import { ApiError, listJobs } from "./api.js";
import { find } from "./dom.js";
import { refreshCounts, refreshLibrary } from "./library.js";
import { strings } from "./strings.js";

/** @typedef {import("./types.js").Job} Job */

const SOON_MS = 300;
const LATER_MS = 1_500;
const SHOWN_ENDED = 3;
// What went wrong is told for a day, what went well for some minutes.
const FAILED_FOR_MS = 86_400_000;
const DONE_FOR_MS = 300_000;

/** @type {Set<string>} */
let underWay = new Set();
let delay = SOON_MS;
let timer = 0;
let looking = false;

/** @param {Job} job */
export const hasEnded = ({ state }) => state === "done" || state === "failed" || state === "cancelled";

/** Looks at a job that was just started or asked to end. @param {Job} job */
export function trackJob({ id }) {
  underWay.add(id);
  delay = SOON_MS;
  refreshJobs();
}

export async function refreshJobs() {
  clearTimeout(timer);
  if (looking) return lookIn(delay);
  looking = true;
  const before = new Set(underWay);
  try {
    await look((await listJobs()).jobs, before);
    find("#jobs-note").textContent = "";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (underWay.size > 0) find("#jobs-note").textContent = strings.jobsUnknown;
  } finally {
    looking = false;
  }
  showActivity();
  if (underWay.size > 0) lookIn(delay);
}

/** @param {number} ms */
function lookIn(ms) {
  clearTimeout(timer);
  timer = window.setTimeout(refreshJobs, ms);
  delay = Math.min(LATER_MS, delay * 1.5);
}

/** @param {Job[]} jobs @param {Set<string>} before  what was under way when they were asked for */
async function look(jobs, before) {
  const ended = jobs.filter((job) => hasEnded(job) && before.has(job.id));
  const begunSince = [...underWay].filter((id) => !before.has(id));
  underWay = new Set([...jobs.filter((job) => !hasEnded(job)).map(({ id }) => id), ...begunSince]);
  const shown = worthShowing(jobs);
  if (shown.length > 0 || document.querySelector(".job")) {
    const { announceEnd, showJobs } = await import("./job-list.js");
    showJobs(shown);
    ended.forEach(announceEnd);
  }
  if (ended.length > 0) await refreshLibrary();
  else if (before.size > 0) await refreshCounts();
}

/** @param {Job[]} jobs */
function worthShowing(jobs) {
  const ended = jobs.filter(hasEnded);
  const failed = ended.filter((job) => !wentWell(job) && isWithin(job, FAILED_FOR_MS)).slice(0, SHOWN_ENDED);
  const done = ended.filter((job) => wentWell(job) && isWithin(job, DONE_FOR_MS)).slice(0, SHOWN_ENDED);
  return jobs.filter((job) => !hasEnded(job) || failed.includes(job) || done.includes(job));
}

/** @param {Job} job */
export const wentWell = ({ state, counts }) => state !== "failed" && !counts.failed;

/** @param {Job} job @param {number} ms */
const isWithin = ({ ended_at: endedAt }, ms) => Date.now() - Date.parse(endedAt ?? "") < ms;

/** In the header too: the library may be out of sight. */
function showActivity() {
  document.body.toggleAttribute("data-working", underWay.size > 0);
}
