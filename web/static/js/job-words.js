// What a job is about, how far it is and how it ended, in words.

import { strings } from "./strings.work.en.js";

/** @typedef {import("./types.js").Job} Job */

const OUTCOMES = /** @type {const} */ (["added", "updated", "renamed", "removed", "unchanged", "failed"]);

/** @param {Job} job */
export function titleOf({ kind, files, total }) {
  return kind === "rebuild" ? strings.rebuilding : strings.files(Math.max(files.length, total), files[0] ?? "");
}

/** @param {Job} job */
export function progressInWords({ state, kind, total, done, passages, seconds_left: left }) {
  if (state === "queued") return strings.jobQueued;
  if (kind === "add_url" && done === 0) return strings.jobFetching;
  if (done === 0) return strings.jobReading;
  const parts = [kind === "rebuild" ? strings.documentsDone(done, total) : strings.filesDone(done, total)];
  if (passages > 0) parts.push(strings.documentPassages(passages));
  if (left !== null && done < total) parts.push(strings.timeLeft(left));
  return parts.join(" · ");
}

/** @param {Job} job */
export function endInWords({ state, kind, total, done, counts, passages, error }) {
  if (state === "failed") return strings.jobFailed(error ?? "");
  const outcomes = OUTCOMES.flatMap((outcome) => (counts[outcome] ? [strings.outcome[outcome](counts[outcome], total)] : []));
  const told = kind === "rebuild" ? [strings.documentsDone(done, total)] : outcomes;
  if (passages > 0) told.push(strings.documentPassages(passages));
  const sentence = told.join(" · ");
  return state === "cancelled" ? strings.jobCancelled(sentence) : sentence || strings.jobNothing;
}
