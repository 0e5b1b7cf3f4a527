// The server's jobs as cards: those under way, and those that ended lately.

import { announce } from "./announce.js";
import { ApiError } from "./api.js";
import { addDocuments, cancelJob, forgetJob, readJob } from "./api-library.js";
import { find } from "./dom.js";
import { createCard } from "./job-card.js";
import { endInWords, progressInWords, titleOf } from "./job-words.js";
import { hasEnded, trackJob, wentWell } from "./jobs.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").Job} Job
 * @typedef {import("./job-card.js").Card} Card
 * @typedef {{card: Card, cancelling: boolean, told: string}} Shown  told: what of its problems is on the card
 */

/** @type {Map<string, Shown>} */
const shown = new Map();
/** @type {Set<string>} */
const dismissed = new Set();

/** @param {Job[]} jobs  the newest first */
export function showJobs(jobs) {
  const ids = new Set(jobs.map(({ id }) => id));
  for (const [id, { card }] of shown) if (!ids.has(id)) forgetCard(id, card);
  for (const job of [...jobs].reverse()) if (!dismissed.has(job.id)) showJob(job);
}

/**
 * The card that told of the sending goes on with the job, and keeps the focus if it has it.
 * @param {Job} job
 * @param {Card} card
 */
export function adoptCard(job, card) {
  card.setTitle(titleOf(job));
  shown.set(job.id, { card, cancelling: false, told: "" });
}

/** @param {Job} job */
export function announceEnd(job) {
  announce(`${titleOf(job)}: ${endInWords(job)}`);
}

/** @param {Job} job */
function showJob(job) {
  const entry = shown.get(job.id) ?? { card: createCard(titleOf(job)), cancelling: false, told: "" };
  shown.set(job.id, entry);
  if (hasEnded(job)) showEnd(job, entry);
  else showProgress(job, entry);
  showProblems(job, entry);
}

/** @param {Job} job @param {Shown} entry */
function showProgress(job, entry) {
  entry.card.showWork({
    note: entry.cancelling ? strings.cancelling : progressInWords(job),
    done: job.done,
    total: job.total,
    onCancel: () => cancel(job, entry),
  });
}

/** @param {Job} job @param {Shown} entry */
function showEnd(job, { card }) {
  const onDismiss = () => dismiss(job, card);
  if (wentWell(job)) card.showDone(endInWords(job), onDismiss);
  else card.showFailure({ note: endInWords(job), onDismiss, onRetry: retryOf(job, onDismiss) });
}

/**
 * A web page can be asked for again; files are no longer at hand.
 * @param {Job} job
 * @param {() => void} onDismiss
 */
function retryOf({ kind, files }, onDismiss) {
  if (kind !== "add_url") return undefined;
  return async () => {
    try {
      trackJob(await addDocuments({ url: files[0] }));
      onDismiss();
    } catch (error) {
      tell(error);
    }
  };
}

/** The list of jobs does not hold the reasons. @param {Job} job @param {Shown} entry */
async function showProblems(job, entry) {
  const news = `${hasEnded(job)} ${job.counts.failed ?? 0}`;
  if (entry.told === news || (!hasEnded(job) && !job.counts.failed)) return;
  entry.told = news;
  try {
    const { items = [] } = await readJob(job.id);
    entry.card.showProblems(items.filter(({ reason }) => reason !== ""));
  } catch (error) {
    entry.told = "";
    if (!(error instanceof ApiError)) throw error; // asked again with the next look at the jobs
  }
}

/** @param {Job} job @param {Shown} entry */
async function cancel(job, entry) {
  if (entry.cancelling) return;
  entry.cancelling = true;
  showProgress(job, entry);
  try {
    trackJob(await cancelJob(job.id));
  } catch (error) {
    entry.cancelling = false;
    tell(error);
  }
}

/** @param {Job} job @param {Card} card */
async function dismiss(job, card) {
  try {
    await forgetJob(job.id);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) return tell(error);
  }
  dismissed.add(job.id); // a list that is on its way may still hold it
  forgetCard(job.id, card);
}

/** @param {string} id @param {Card} card */
function forgetCard(id, card) {
  shown.delete(id);
  card.remove();
}

/** @param {unknown} error */
function tell(error) {
  if (!(error instanceof ApiError)) throw error;
  find("#jobs-note").textContent = error.message;
  announce(error.message);
}
