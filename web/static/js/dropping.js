// Files can be dropped anywhere on the page; while they hover, the page says so.

import { find } from "./dom.js";

// Browsers repeat "dragover" at least every 350 ms; leaving the window is not always told.
const GONE_AFTER_MS = 700;

const target = find("#drop-target");
let timer = 0;

/** @param {(transfer: DataTransfer) => void} onDrop */
export function startDropping(onDrop) {
  for (const type of ["dragenter", "dragover"]) {
    document.addEventListener(type, (event) => {
      const transfer = withFiles(/** @type {DragEvent} */ (event));
      if (!transfer) return;
      event.preventDefault();
      transfer.dropEffect = "copy";
      show();
    });
  }
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) hide();
  });
  document.addEventListener("drop", (event) => {
    hide();
    const transfer = withFiles(event);
    if (!transfer) return;
    event.preventDefault();
    onDrop(transfer);
  });
}

/** Text that is dragged into the question box is none of our business. */
function withFiles(/** @type {DragEvent} */ { dataTransfer }) {
  return dataTransfer?.types.includes("Files") ? dataTransfer : null;
}

function show() {
  target.hidden = false;
  clearTimeout(timer);
  timer = window.setTimeout(hide, GONE_AFTER_MS);
}

function hide() {
  clearTimeout(timer);
  target.hidden = true;
}
