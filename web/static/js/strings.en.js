// Every sentence the scripts show, those on adding and deleting aside: they are in strings.work.en.js.
// Static sentences stand in the template.
// The defaults are never used: they give each parameter its type.

/** @param {number} count @param {string} one @param {string} many */
export const plural = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** @param {number} ms */
const duration = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

export const strings = {
  libraryDocuments: (count = 0) => plural(count, "document", "documents"),
  libraryUnavailable: "Library not available",
  libraryLoading: "Reading the library…",
  libraryEmpty: "No documents yet.",
  libraryNoMatch: "No document matches this filter.",
  addDocuments: "Add documents",
  pastedText: "pasted text",
  page: (page = 0) => `p. ${page.toLocaleString("en")}`,
  nearCopyOf: "Near copy of",
  hasCopies: (count = 0) => `Has ${plural(count, "near copy", "near copies")}`,
  removeDocument: "Delete this document",
  jobsUnknown: "The server does not answer. What is under way goes on once it does.",
  removeNamed: (title = "") => `Delete ${title}`,
  documentPassages: (count = 0) => plural(count, "passage", "passages"),
  documentCharacters: (count = 0) => plural(count, "character", "characters"),

  searching: "Searching your documents…",
  cancel: "Cancel",
  cancelled: "You cancelled this question.",
  interrupted: "The page was left before the answer came.",
  failureTitle: "No result",
  failureAnnounced: (detail = "") => `No result. ${detail}`,
  retry: "Retry",
  noAnswerFromServer: "The server did not answer. Check that it is still running, then try again.",
  unreadableAnswer: "The server sent something this page cannot read. Try again.",
  serverRefused: (status = 0) => `The server could not do this (status ${status}).`,

  confidence: { high: "High confidence", medium: "Medium confidence", low: "Low confidence" },
  confidencePercent: (percent = 0) => `Confidence ${percent} %`,
  percent: (percent = 0) => `${percent}%`,
  placesFound: (places = 0, documents = 0) =>
    documents === 1
      ? plural(places, "place in one document", "places in one document")
      : `${plural(places, "place", "places")} in ${documents} documents`,
  sources: (count = 0) => (count === 1 ? "Source" : "Sources"),
  otherAnswers: (count = 0) => `Other possible answers (${count})`,
  answeredIn: (ms = 0, generation = 0) =>
    `Answered in ${duration(ms)} · generation ${generation}`,
  searchedIn: (ms = 0, generation = 0) =>
    `Searched in ${duration(ms)} · generation ${generation}`,
  searchedAs: (searched = "") => `Searched for: ${searched}`,
  answerAnnounced: (text = "", confidence = "", citations = 0) =>
    `Answer: ${text}. ${confidence}, ${plural(citations, "citation", "citations")}.`,

  copy: "Copy with citations",
  copied: "Copied",
  copyFailed: "Could not copy",
  copiedQuestion: (question = "") => `Question: ${question}`,
  copiedAnswer: (text = "") => `Answer: ${text}`,
  copiedPlace: (start = 0, end = 0) => `characters ${start} to ${end}`,

  abstentionTitle: "These documents do not say.",
  abstention: {
    library_empty: "The library is empty. Add documents, then ask again.",
    filtered_out: "No document passes the filters.",
    nothing_retrieved: "Nothing in the library is about this question.",
    below_threshold: "The closest places were read, and none of them states an answer clearly enough to quote.",
  },
  abstentionAnnounced: (places = 0) =>
    places === 0
      ? "These documents do not say."
      : `These documents do not say. ${plural(places, "closest place is", "closest places are")} listed, not as an answer.`,
  closestTitle: "Closest places — not an answer",
  closestMore: (count = 0) => `Show ${plural(count, "more place", "more places")}`,

  citationStanding: { gone: "No longer in the library", changed: "The document has changed and no longer says this" },
  answerStanding: {
    gone: "The documents that said this are no longer in the library.",
    changed: "The documents have changed since and no longer say this.",
  },
  citationsGone: (count = 0) => plural(count, "place cited here is no longer in the library.", "places cited here are no longer in the library."),
  documentGone: "No longer in the library",
  documentGoneNote: "This document is not in the library any more, so no answer comes from it. What was quoted from it still stands in this conversation.",

  sourceLoading: "Opening the document…",
  sourceFailed: "The document could not be opened",
  sourceMoved: "The document has changed since this answer was given. The quoted words were found again and are marked where they stand now.",
  sourceLost: "The document has changed since this answer was given, and the quoted words no longer stand in it. Ask again for an answer from the present text.",
  sourceOutside: "The document does not have the place this link points to.",
  sourceClosest: "The underlined text is a closest place, not an answer.",
  placeCount: (current = 0, total = 0) => `${current} of ${total}`,
  placeAnnounced: (current = 0, total = 0) => `Place ${current} of ${total}`,
  furniture: "Page furniture: not searched",

  charactersUsed: (used = 0, limit = 0) => `${used} of ${limit} characters`,
  newConversation: "New conversation started.",
};
