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
 * @property {number} start
 * @property {number} end
 * @property {string} quote
 * @property {Sentence} sentence
 * @property {number} confidence
 *
 * @typedef {{text: string, confidence: number, citations: Citation[]}} Answer
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
 * @property {null|"library_empty"|"nothing_retrieved"|"below_threshold"} reason
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
 * @property {string} media_type
 * @property {number} characters
 * @property {number} passages
 *
 * @typedef {DocumentSummary & {text: string, furniture: Range[]}} DocumentDetail
 * @typedef {{generation: number, documents: DocumentSummary[]}} DocumentList
 * @typedef {{generation: number, documents: number, passages: number}} Status
 *
 * @typedef {Object} Turn  one question and what came of it
 * @property {string} question
 * @property {"pending"|"done"|"failed"} state
 * @property {AskResponse} [response]
 * @property {string} [failure]
 *
 * @typedef {"answer"|"closest"} PlaceKind
 * @typedef {{start: number, end: number, quote: string|null, kind: PlaceKind}} Place
 * @typedef {{documentId: number, places: Place[], current: number}} SourceRequest
 */

export {};
