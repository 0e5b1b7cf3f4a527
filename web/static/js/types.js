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
 * @property {Attribution|null} [attribution]
 *
 * @typedef {{speaker: Sentence|null, verb: Sentence, kind: string, quoted?: boolean}} Attribution  slices of the cited document
 * @typedef {{text: string, confidence: number, citations: Citation[], sources?: number, first_date?: string|null, last_date?: string|null, members?: Sentence[]}} Answer
 * @typedef {{stance: string, who: Sentence|null, citation: Citation}} Position
 * @typedef {{date_from: string|null, date_to: string|null, label: string}} SuggestedFilter
 * @typedef {{document_ids?: number[], sources?: string[], date_from?: string|null, date_to?: string|null}} Filters
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
 * @property {"one"|"differ"|"list"|"positions"} [relation]
 * @property {Position[]} [positions]
 * @property {SuggestedFilter[]} [suggested_filters]
 * @property {Filters} [filters]  that were in force
 * @property {string|null} [conversation]
 * @property {number|null} [turn]  where it is kept
 * @property {string[]} [unknown_names]  names in the question that no document mentions
 * @property {string} [degraded]  why the search may have missed something
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
 * @typedef {Omit<DocumentSummary, "voice"> & {text: string, version: string, furniture: Range[], pages?: number[], original?: string|null}} DocumentDetail
 * @typedef {{generation: number, documents: DocumentSummary[]}} DocumentList
 * @typedef {{generation: number, documents: number, passages: number, version: string, disk_bytes: number, embedder: {name: string, dimension: number}, reader: {name: string}}} Status
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
 * @property {number} [number]  of a turn that the server keeps
 * @property {Filters} [filters]
 * @property {[]} [history]  empty where the question is to be taken as it stands
 * @property {Record<string, boolean>} [judged]  by the answer's text; "" is that there was none
 *
 * @typedef {{document_id: number, title: string, start: number, end: number, text: string}} Slice
 * @typedef {{fused_rank: number|null, dense_rank: number|null, lexical_rank: number|null, read: boolean}} Ranked
 * @typedef {Slice & {stage: string, message: string, passage: Ranked|null, lost_to: Slice|null}} ExpectedPlace
 * @typedef {{message: string, verdict: string, places: ExpectedPlace[], candidates: (Slice & {confidence: number, shown: boolean})[]}} Explanation
 *
 * @typedef {"answer"|"closest"} PlaceKind
 * @typedef {{start: number, end: number, quote: string|null, kind: PlaceKind, citation?: Citation}} Place
 * @typedef {{documentId: number, places: Place[], current: number}} SourceRequest
 */

export {};
