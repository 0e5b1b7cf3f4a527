// Keys that work anywhere on the page.

/**
 * @param {{focusQuestion: () => void, close: () => boolean}} actions  close says whether it closed something
 */
export function startKeyboard({ focusQuestion, close }) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Escape" && close()) event.preventDefault();
    if (event.key === "/" && !hasModifier(event) && !isTyping(event.target)) {
      event.preventDefault();
      focusQuestion();
    }
  });
}

/** @param {KeyboardEvent} event */
const hasModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;

/** @param {EventTarget|null} target */
const isTyping = (target) => target instanceof HTMLElement && target.matches("input, textarea, select");
