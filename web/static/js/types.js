// Shapes of the JSON API and of the page's own state. Never loaded by the page: for JSDoc only.

/**
 * @typedef {{start: number, end: number}} Range  offsets in Unicode code points
 * @typedef {{start: number, end: number, text: string}} Sentence
 *
 * @typedef {Object} Citation
 * @property {number} document_id
 * @property {string} title
 * @property {string} source
 * @property {string|null} date
 * @property {string|null} [author]
 * @property {number|null} [page]  of a PDF, counted from 1
 * @property {string} [version]  missing where the conversation is older than versions
 * @property {number} start
 * @property {number} end
 * @property {string} quote
 * @property {string} [before]
 * @property {string} [after]
 * @property {Sentence} sentence
 * @property {number} confidence
 *
 * @typedef {{text: string, confidence: number, citations: Citation[]}} Answer
 *
 * @typedef {Object} Standing  where a citation stands in the library as it is now
 * @property {"same"|"moved"|"changed"|"gone"} state
 * @property {number|null} document_id
 * @property {number|null} start
 * @property {number|null} end
 * @property {number} generation
 *
 * @typedef {Object} Passage
 * @property {number} document_id
 * @property {string} title
 * @property {string} source
 * @property {number} start
 * @property {number} end
 * @property {string} text
 * @property {number} score
 *
 * @typedef {Object} AskResponse
 * @property {string} question
 * @property {string} searched
 * @property {boolean} answered
 * @property {null|"library_empty"|"filtered_out"|"nothing_retrieved"|"below_threshold"} reason
 * @property {number} generation
 * @property {{retrieve: number, read: number, total: number}} took_ms
 * @property {Answer[]} answers
 * @property {Passage[]} passages
 *
 * @typedef {Object} DocumentSummary
 * @property {number} id
 * @property {string} title
 * @property {string} source
 * @property {string|null} date
 * @property {string|null} author
 * @property {string} media_type
 * @property {number} characters
 * @property {number} passages
 * @property {number} voice  near copies have the same
 *
 * @typedef {Omit<DocumentSummary, "voice"> & {text: string, version: string, furniture: Range[]}} DocumentDetail
 * @typedef {{generation: number, documents: DocumentSummary[]}} DocumentList
 * @typedef {{generation: number, documents: number, passages: number}} Status
 *
 * @typedef {{name: string, outcome: string, reason: string, document_ids: number[]}} JobItem
 *
 * @typedef {Object} Job
 * @property {string} id
 * @property {"add"|"add_url"|"rebuild"} kind
 * @property {"queued"|"running"|"done"|"failed"|"cancelled"} state
 * @property {number} total
 * @property {number} done
 * @property {number} passages
 * @property {Record<string, number>} counts
 * @property {JobItem[]} [items]  not in the list of jobs
 * @property {string[]} files
 * @property {number|null} seconds_left
 * @property {string|null} error
 * @property {string} created_at
 * @property {string|null} ended_at
 *
 * @typedef {Object} Turn  one question and what came of it
 * @property {string} question
 * @property {"pending"|"done"|"failed"} state
 * @property {AskResponse} [response]
 * @property {string} [failure]
 *
 * @typedef {"answer"|"closest"} PlaceKind
 * @typedef {{start: number, end: number, quote: string|null, kind: PlaceKind, citation?: Citation}} Place
 * @typedef {{documentId: number, places: Place[], current: number}} SourceRequest
 */

export {};
