// A received response on the page; loaded with the first question, not with the page.

import { renderFoot } from "./foot.js";
import { renderJudge } from "./judge.js";
import { renderShown } from "./shown.js";

export { describeResponse } from "./shown.js";

/** @typedef {import("./shown.js").Shown} Shown */

/** @param {Shown["response"]} response @param {Shown["turn"]} turn @param {Shown["actions"]} actions */
export const renderResponse = (response, turn, actions) => renderShown({ response, turn, actions, foot: renderFoot, judge: renderJudge, adds: true });
