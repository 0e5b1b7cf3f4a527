import { el } from "./dom.js";
import { strings } from "./strings.js";

/**
 * @param {string} detail
 * @param {() => void} onRetry
 */
export function renderFailure(detail, onRetry) {
  return el(
    "div",
    { class: "failure", "data-testid": "error" },
    el(
      "div",
      { class: "failure-text" },
      el("p", { class: "failure-title" }, strings.failureTitle),
      el("p", { class: "failure-detail", dir: "auto" }, detail),
    ),
    el("button", { class: "button-plain", type: "button", "data-testid": "retry", click: onRetry }, strings.retry),
  );
}
