// First questions for the documents in the library; the server knows which.

import { ApiError } from "./api.js";
import { readPage } from "./api-library.js";
import { el, find } from "./dom.js";

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
