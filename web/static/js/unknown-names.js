// Whom the question names and no document mentions.

import { el } from "./dom.js";
import { language, strings } from "./strings.js";

/** @param {import("./types.js").AskResponse} response */
export function renderUnknownNames({ unknown_names: names }) {
  if (!names?.length) return null;
  const quoted = names.map((name) => strings.quotedName({ name }));
  const either = new Intl.ListFormat(language, { type: "disjunction" }).format(quoted);
  return el("p", { role: "note", dir: "auto", "data-testid": "unknown-names" }, strings.unknownNames({ names: either }));
}
