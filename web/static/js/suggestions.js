// First questions for the documents in the library; the server knows which.

import { ApiError, readPage } from "./api.js";
import { el, find } from "./dom.js";

/** @param {(question: string) => void} onAsk */
export function startSuggestions(onAsk) {
  find("#suggestions").addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest(".suggestion") : null;
    if (button) onAsk(button.textContent ?? "");
  });
}

export async function refreshSuggestions() {
  try {
    const page = await readPage();
    const questions = [...page.querySelectorAll(".suggestion")].map((button) => button.textContent ?? "");
    find("#suggestion-list").replaceChildren(...questions.map(render));
    find("#suggestions").hidden = questions.length === 0;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** @param {string} question */
const render = (question) =>
  el("li", {}, el("button", { class: "row suggestion", type: "button", dir: "auto", "data-testid": "suggestion" }, question));
