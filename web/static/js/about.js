// What the library is made of, and what can be done with it as a whole.

import { ApiError, readStatus } from "./api.js";
import { rebuildIndex } from "./api-library.js";
import { el, find } from "./dom.js";
import { trackJob } from "./jobs.js";
import { strings } from "./strings.js";

let started = false;

/** @param {() => void} revealLibrary  where the work shows */
export async function showAbout(revealLibrary) {
  if (!started) start(revealLibrary);
  started = true;
  if (!(/** @type {HTMLDetailsElement} */ (find("#library-about")).open)) return;
  const facts = find("#library-facts");
  try {
    const status = await readStatus();
    facts.replaceChildren(...factsOf(status).flatMap(([name, value]) => [el("dt", {}, name), el("dd", { dir: "auto" }, value)]));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    facts.replaceChildren(el("dd", {}, error.message));
  }
}

/** @param {import("./types.js").Status} status @returns {[string, string][]} */
function factsOf({ documents, passages, generation, disk_bytes: bytes, embedder, reader, version }) {
  return [
    [strings.aboutDocuments, documents.toLocaleString(document.documentElement.lang)],
    [strings.aboutPassages, passages.toLocaleString(document.documentElement.lang)],
    [strings.aboutGeneration, String(generation)],
    [strings.aboutDisk, strings.megabytes({ count: Math.round(bytes / 100_000) / 10 })],
    [strings.aboutEmbedder, `${embedder.name} (${embedder.dimension})`],
    [strings.aboutReader, reader.name],
    [strings.aboutVersion, version],
  ];
}

/** @param {() => void} revealLibrary */
function start(revealLibrary) {
  const failure = find("#rebuild-failure");
  find("#rebuild").addEventListener("click", async () => {
    failure.textContent = "";
    try {
      trackJob(await rebuildIndex());
      revealLibrary();
      find("#library-scroll").scrollTop = 0;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure.textContent = error.message;
    }
  });
  if (document.body.dataset.keeps !== undefined) {
    find(".language-form").before(el("p", {}, el("a", { href: "api/v1/feedback", download: "", "data-testid": "export-feedback" }, strings.aboutFeedback)));
  }
}
