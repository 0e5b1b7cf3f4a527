// Loads the pane of kept conversations when it is first wanted.

import { find, loadStyle } from "./dom.js";
import { currentPane, showPane } from "./panes.js";

/** @type {typeof import("./conversations.js")|null} */
let pane = null;

/** @param {import("./conversations.js").Actions} actions */
export async function openConversations(actions) {
  if (!pane) {
    const [loaded] = await Promise.all([import("./conversations.js"), loadStyle("conversations.css")]);
    if (!pane) loaded.startConversations(actions);
    pane = loaded;
  }
  showPane("conversations");
  find("#conversations-title").focus();
  await pane.refreshConversations();
}

/** The list is as old as its last look at the server. */
export function refreshConversations() {
  if (currentPane() === "conversations") pane?.refreshConversations();
}
