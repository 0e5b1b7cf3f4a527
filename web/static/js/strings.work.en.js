// Every sentence on adding and deleting documents; loaded when there is something to say.
// The defaults are never used: they give each parameter its type.

import { plural, strings as ofThePage } from "./strings.en.js";

/** A file's outcome; where there is only one file it needs no number. @param {string} word @param {string} [alone] */
const outcome = (word, alone = word[0].toUpperCase() + word.slice(1)) =>
  (count = 0, total = 0) => (total === 1 && count === 1 ? alone : `${count.toLocaleString("en")} ${word}`);

export const strings = {
  ...ofThePage,

  removeQuestion: "Delete this document from the library? No answer will come from it any more. The original is not touched.",
  remove: "Delete",
  keep: "Keep",
  removed: (title = "") => `Deleted ${title}.`,

  textMissing: "Paste or type the text first.",
  urlMissing: "Enter the address of a web page first.",
  textReplaces: "The library has a text of this title. It will be replaced.",
  addingAnnounced: (count = 0) => (count === 1 ? "Adding…" : `Adding ${plural(count, "file", "files")}…`),
  sending: "Sending…",
  notSent: "Not added.",
  tooLarge: "It is larger than this server takes.",
  uploadBrokenOff: "The connection broke off while the files were sent. Try again; they may also be larger than this server takes.",
  fileVanished: (name = "") => `${name} can no longer be read from your disk. Choose it again.`,
  cannotBeRead: (/** @type {string[]} */ names = []) => `Your browser could not read ${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}.`,
  files: (count = 0, first = "") => (count === 1 ? first : `${count.toLocaleString("en")} files`),

  rebuilding: "Rebuilding the index",
  jobQueued: "Waiting for its turn…",
  jobFetching: "Fetching the page…",
  jobReading: "Reading…",
  filesDone: (done = 0, total = 0) => `${done.toLocaleString("en")} of ${plural(total, "file", "files")}`,
  documentsDone: (done = 0, total = 0) => `${done.toLocaleString("en")} of ${plural(total, "document", "documents")}`,
  timeLeft: (seconds = 0) =>
    seconds < 90 ? `about ${Math.max(1, Math.round(seconds))} s left` : `about ${Math.round(seconds / 60)} min left`,
  outcome: {
    added: outcome("added"),
    updated: outcome("updated"),
    renamed: outcome("renamed"),
    removed: outcome("removed"),
    unchanged: outcome("unchanged", "Already in the library"),
    failed: outcome("not added", "Not added"),
  },
  jobFailed: (reason = "") => `Failed: ${reason}`,
  jobCancelled: (before = "") => (before ? `Cancelled. Before that: ${before}` : "Cancelled. Nothing was added."),
  jobNothing: "There was nothing to do.",
  cancelling: "Cancelling…",
  cancelNamed: (title = "") => `Cancel: ${title}`,
  dismiss: "Dismiss",
  dismissNamed: (title = "") => `Dismiss: ${title}`,
  progressOf: (title = "") => `Progress of ${title}`,
  moreProblems: (count = 0) => `Show ${count.toLocaleString("en")} more`,
};
