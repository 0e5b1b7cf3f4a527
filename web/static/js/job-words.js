// What a job is about, how far it is and how it ended, in words.

import { strings } from "./strings.js";

/** @typedef {import("./types.js").Job} Job */

const OUTCOMES = /** @type {const} */ (["added", "updated", "renamed", "removed", "unchanged", "failed"]);

/** @param {Job} job */
export function titleOf({ kind, files, total }) {
  return kind === "rebuild" ? strings.rebuilding : filesInWords(Math.max(files.length, total), files[0] ?? "");
}

/** @param {Job} job */
export function progressInWords({ state, kind, total, done, passages, seconds_left: left }) {
  if (state === "queued") return strings.jobQueued;
  if (kind === "add_url" && done === 0) return strings.jobFetching;
  if (done === 0) return strings.jobReading;
  const parts = [strings[kind === "rebuild" ? "documentsDone" : "filesDone"]({ done, count: total })];
  if (passages > 0) parts.push(strings.documentPassages({ count: passages }));
  if (left !== null && done < total) parts.push(timeLeft(left));
  return parts.join(" · ");
}

/** @param {Job} job */
export function endInWords({ state, kind, total, done, counts, passages, error }) {
  if (state === "failed") return strings.jobFailed({ reason: error ?? "" });
  const outcomes = OUTCOMES.flatMap((outcome) => (counts[outcome] ? [outcomeInWords(outcome, counts[outcome], total)] : []));
  const told = kind === "rebuild" ? [strings.documentsDone({ done, count: total })] : outcomes;
  if (passages > 0) told.push(strings.documentPassages({ count: passages }));
  const sentence = told.join(" · ");
  if (state !== "cancelled") return sentence || strings.jobNothing;
  return sentence ? strings.jobCancelledAfter({ before: sentence }) : strings.jobCancelled;
}

/** @param {number} count @param {string} first */
export const filesInWords = (count, first) => (count === 1 ? first : strings.files({ count }));

const NAMES_SHOWN = 5;

/** @param {string[]} names */
export function namesInWords(names) {
  const shown = names.slice(0, NAMES_SHOWN).join(", ");
  return names.length > NAMES_SHOWN ? strings.andMore({ names: shown, count: names.length - NAMES_SHOWN }) : shown;
}

/** Where there is only one file its outcome needs no number. @param {string} outcome @param {number} count @param {number} total */
const outcomeInWords = (outcome, count, total) =>
  total === 1 && count === 1 ? strings.outcomeAlone[outcome] : strings.outcome[outcome]({ count });

/** @param {number} seconds */
const timeLeft = (seconds) =>
  seconds < 90
    ? strings.timeLeftSeconds({ seconds: Math.max(1, Math.round(seconds)) })
    : strings.timeLeftMinutes({ minutes: Math.round(seconds / 60) });
