// One question under way: sent, followed through its stages, cancelled, failed or answered.

import { announce } from "./announce.js";
import { ApiError, ask, isAbort } from "./api.js";
import { createConversation } from "./api-conversations.js";
import { loadResponses, showStage } from "./chat.js";
import { giveBack } from "./composer.js";
import { historyOf, keeps } from "./conversation.js";
import { strings } from "./strings.js";

/**
 * @typedef {import("./types.js").Turn} Turn
 * @typedef {import("./types.js").AskResponse} AskResponse
 *
 * @typedef {Object} Page  what a search needs of the page
 * @property {() => string|null} conversation
 * @property {(turn: Turn) => Turn[]} turnsBefore
 * @property {(id: string|null) => void} moveTo  the conversation that is asked in from now on
 * @property {(sentence: string) => void} note
 * @property {(turn: Turn, change: Partial<Turn>) => void} update
 * @property {(turn: Turn) => boolean} isShown
 * @property {(busy: boolean) => void} setBusy
 * @property {(response: AskResponse) => void} onAnswer
 */

const NOT_FOUND = 404;
const UNPROCESSABLE = 422;

export class Search {
  /** Leaving the page ends the search too; the stored turn then stays pending. */
  leaving = false;
  /** @type {AbortController|null} */
  #controller = null;
  /** @type {Turn|null} */
  #turn = null;
  #page;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
  }

  get isBusy() {
    return this.#controller !== null;
  }

  /** @param {Turn} turn */
  isRunning(turn) {
    return this.#turn === turn;
  }

  cancel() {
    this.#controller?.abort();
  }

  /** @param {Turn} turn */
  async run(turn) {
    if (this.#controller) return;
    const controller = (this.#controller = new AbortController());
    const page = this.#page;
    this.#turn = turn;
    page.setBusy(true);
    page.update(turn, { state: "pending", failure: undefined });
    announce(strings.searching);
    try {
      const [response, { describeResponse }] = await Promise.all([this.#ask(turn, controller.signal), loadResponses()]);
      if (!page.isShown(turn)) return;
      page.update(turn, { state: "done", response, number: response.turn ?? undefined });
      announce(describeResponse(response));
      page.onAnswer(response);
    } catch (error) {
      this.#fail(turn, error);
    } finally {
      this.#controller = this.#turn = null;
      page.setBusy(false);
    }
  }

  /** @param {Turn} turn @param {AbortSignal} signal @returns {Promise<AskResponse>} */
  async #ask(turn, signal) {
    const conversation = await this.#conversation();
    const onStage = (/** @type {string} */ stage, /** @type {any} */ value) => {
      const words = stageInWords(stage, value);
      if (words === "") return;
      showStage(turn, words);
      announce(words);
    };
    try {
      const response = await ask(this.#body(turn, conversation), signal, onStage);
      if (conversation && response.conversation === null) this.#leaveDeleted();
      return response;
    } catch (error) {
      if (!(conversation && error instanceof ApiError && error.status === NOT_FOUND)) throw error;
      this.#leaveDeleted();
      return ask(this.#body(turn, await this.#conversation()), signal, onStage);
    }
  }

  /** It was deleted elsewhere; what is asked from now on is kept in another one. */
  #leaveDeleted() {
    this.#page.moveTo(null);
    this.#page.note(strings.conversationGone);
  }

  /** The conversation to ask in, begun with its first question; null where none can be kept. */
  async #conversation() {
    const id = this.#page.conversation();
    if (id !== null || !keeps()) return id;
    try {
      const begun = await createConversation();
      this.#page.moveTo(begun.id);
      return begun.id;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#page.note(strings.conversationNotKept({ detail: error.message }));
      return null; // asking goes on
    }
  }

  /** @param {Turn} turn @param {string|null} conversation */
  #body(turn, conversation) {
    const before = this.#page.turnsBefore(turn);
    // The server knows the turns that it keeps, as long as none of them was kept elsewhere.
    const isKnown = conversation !== null && before.every((earlier) => !earlier.response || earlier.response.conversation === conversation);
    const history = turn.history ?? (isKnown ? undefined : historyOf(before));
    return { question: turn.question, ...turn.filters, ...(history ? { history } : {}), ...(conversation ? { conversation } : {}) };
  }

  /** @param {Turn} turn @param {unknown} error */
  #fail(turn, error) {
    if (this.leaving || !this.#page.isShown(turn)) return;
    const expected = error instanceof ApiError;
    const failure = isAbort(error) ? strings.cancelled : expected ? error.message : strings.unreadableAnswer;
    this.#page.update(turn, { state: "failed", failure });
    announce(strings.failureAnnounced({ detail: failure }));
    if (expected && error.status === UNPROCESSABLE) giveBack(turn.question); // asked again it would fail again
    if (!expected && !isAbort(error)) throw error;
  }
}

/** @param {string} stage @param {any} value */
function stageInWords(stage, value) {
  if (stage === "searching") return strings.stages.searching;
  return stage === "passages" ? strings.stages.passages({ count: Number(value.passages) }) : "";
}
