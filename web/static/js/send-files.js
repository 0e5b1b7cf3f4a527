// Sends files, a batch after the other, and keeps those that could not be sent.

import { announce } from "./announce.js";
import { ApiError, isAbort, readStatus } from "./api.js";
import { addDocuments, cancelJob } from "./api-library.js";
import { createCard } from "./job-card.js";
import { filesInWords, namesInWords } from "./job-words.js";
import { adoptCard } from "./job-list.js";
import { refreshJobs, trackJob } from "./jobs.js";
import { strings } from "./strings.js";

/**
 * @typedef {{file: File, name: string}} Named
 * @typedef {import("./types.js").Job} Job
 */

const BATCH_FILES = 500;
const BATCH_BYTES = 64_000_000;
const TOO_LARGE = 413;

const LOOK_AGAIN_MS = 1_000;
const BREAK_OFF_MS = 2_000;

let sending = 0;

/**
 * The wish to stop sending. What the server has received by then becomes a job, and is cancelled
 * as one; only what takes long to send is broken off.
 */
class Stop {
  #controller = new AbortController();
  asked = false;
  signal = this.#controller.signal;

  ask() {
    if (this.asked) return;
    this.asked = true;
    window.setTimeout(() => this.#controller.abort(), BREAK_OFF_MS);
  }
}

/** @param {Named[]} files @param {string[]} [unreadable]  names of what was dropped and cannot be read */
export function sendFiles(files, unreadable = []) {
  if (unreadable.length > 0) showUnreadable(unreadable);
  if (files.length > 0) sendAll(withOwnNames(files));
}

/** @param {Named[]} files */
async function sendAll(files) {
  const card = createCard(filesInWords(files.length, files[0].name));
  const stop = new Stop();
  const onCancel = () => {
    stop.ask();
    card.showWork({ note: strings.cancelling, onCancel });
  };
  card.showWork({ note: strings.sending, onCancel });
  announce(strings.addingFiles({ count: files.length }));
  hold(1);
  const { left, refused, last, error } = await sendBatches(files, stop);
  hold(-1);
  if (isAbort(error)) window.setTimeout(refreshJobs, LOOK_AGAIN_MS); // it may have come in nevertheless
  const isOver = stop.asked || left.length + refused.length === 0;
  if (!isOver) showNotSent(card, left, refused, error);
  else if (last) adoptCard(last, card);
  else card.remove();
  if (last) trackJob(last);
}

/** @param {import("./job-card.js").Card} card @param {Named[]} left @param {Named[]} refused @param {unknown} error */
async function showNotSent(card, left, refused, error) {
  const names = [...left, ...refused].map(({ name }) => name);
  const detail = left.length === 0 ? undefined : await whyNot(error, left);
  const onRetry = () => (card.remove(), sendAll(left));
  card.setTitle(filesInWords(names.length, names[0]));
  card.showFailure({ note: strings.notSent, detail, onRetry: left.length > 0 ? onRetry : undefined });
  card.showProblems(refused.map(({ name }) => ({ name, reason: strings.tooLarge })));
  announce(`${strings.notSent} ${detail ?? strings.tooLarge}`);
}

/**
 * A file that is too large for the server does not stop the others.
 * @param {Named[]} files
 * @param {Stop} stop
 * @returns {Promise<{left: Named[], refused: Named[], last?: Job, error?: unknown}>}  last: the job that is not tracked yet
 */
async function sendBatches(files, stop) {
  const left = [...files];
  /** @type {Named[]} */
  const refused = [];
  let most = BATCH_FILES;
  /** @type {Job|undefined} */
  let last;
  while (left.length > 0 && !stop.asked) {
    const batch = nextBatch(left, most);
    try {
      if (last) trackJob(last);
      last = undefined;
      last = await addDocuments(formOf(batch), { signal: stop.signal });
      if (stop.asked) await cancelJob(last.id);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === TOO_LARGE)) return { left, refused, last, error };
      most = Math.ceil(batch.length / 2);
      if (batch.length > 1) continue;
      refused.push(batch[0]);
      most = BATCH_FILES;
    }
    left.splice(0, batch.length);
  }
  return { left, refused, last };
}

/** @param {Named[]} files @param {number} most @returns {Named[]} */
function nextBatch(files, most) {
  let bytes = 0;
  const end = files.findIndex(({ file }, index) => (bytes += file.size) > BATCH_BYTES || index === most);
  return end < 0 ? files.slice() : files.slice(0, Math.max(1, end));
}

/** @param {Named[]} batch */
function formOf(batch) {
  const form = new FormData();
  for (const { file, name } of batch) form.append("file", file, name);
  return form;
}

/**
 * The server takes a name that it knows for a new version of the file.
 * @param {Named[]} files
 * @returns {Named[]}
 */
function withOwnNames(files) {
  const taken = new Set();
  return files.map(({ file, name }) => {
    let own = name;
    for (let number = 2; taken.has(own); number += 1) own = numbered(name, number);
    taken.add(own);
    return { file, name: own };
  });
}

/** @param {string} name @param {number} number */
const numbered = (name, number) => name.replace(/(\.[^.]*)?$/, (ending) => ` (${number})${ending}`);

/**
 * A broken connection has three causes that look alike here.
 * @param {unknown} error
 * @param {Named[]} files
 */
async function whyNot(error, files) {
  if (!(error instanceof ApiError)) throw error;
  if (error.status !== 0) return error.message;
  for (const { file, name } of files) {
    if (file.size > 0 && !(await isReadable(file))) return strings.fileVanished({ name });
  }
  const alive = await readStatus().catch(() => null);
  return alive ? strings.uploadBrokenOff : strings.noAnswerFromServer;
}

/** @param {File} file */
const isReadable = (file) =>
  file.slice(0, 1).arrayBuffer().then(
    () => true,
    () => false,
  );

/** @param {string[]} names */
function showUnreadable(names) {
  const card = createCard(filesInWords(names.length, names[0]));
  card.showFailure({ note: strings.notSent, detail: strings.cannotBeRead({ names: namesInWords(names) }) });
}

/** Leaving the page would break an upload off, so the browser asks first. @param {1|-1} by */
function hold(by) {
  sending += by;
  if (sending > 0) window.addEventListener("beforeunload", askFirst);
  else window.removeEventListener("beforeunload", askFirst);
}

/** @param {BeforeUnloadEvent} event */
const askFirst = (event) => event.preventDefault();
