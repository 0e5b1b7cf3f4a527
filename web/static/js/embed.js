// The embedded box begins: its words and its style are fetched, then the modules that show something.

import { setHost } from "./host.js";

const STYLES = ["tokens", "base", "chat", "answer", "source", "embed"];
const DEFAULT_LANGUAGE = "en";
const SMALLEST_ROOT = 14; // pixels; a page whose root font is smaller counts in other units than ours

/**
 * @param {HTMLElement} box
 * @param {DOMStringMap} options  the data attributes of the script element
 */
export async function show(box, options) {
  const root = box.attachShadow({ mode: "open" });
  const [{ language, words }, sheets] = await Promise.all([readWords(options.language), Promise.all(STYLES.map(readStyle))]);
  root.adoptedStyleSheets = sheets;
  box.lang = language;
  if (options.theme === "light" || options.theme === "dark") box.style.colorScheme = options.theme;
  setHost({ language, words: { ...words.script, ...words.embed }, key: options.key || null, root });
  const { startBox } = await import("./embed-box.js");
  startBox(root, { ...words.page, ...words.embed }, options);
}

/** As asked for, as the page says it is written in, or English. @param {string} [wanted] */
async function readWords(wanted) {
  const codes = [wanted, document.documentElement.lang, DEFAULT_LANGUAGE].map((code) => (code ?? "").split("-")[0].toLowerCase());
  for (const language of new Set(codes.filter((code) => /^[a-z]{2,3}$/.test(code)))) {
    const response = await fetch(ours(`../strings/${language}.json`));
    if (response.ok) return { language, words: await response.json() };
  }
  throw new Error("The words of the box could not be read.");
}

/** @param {string} name */
async function readStyle(name) {
  const response = await fetch(ours(`../css/${name}.css`));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(response.ok ? inOwnUnits(await response.text()) : "");
  return sheet;
}

/** Where the page has made its root font very small, lengths must not shrink with it. @param {string} style */
function inOwnUnits(style) {
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
  if (size >= SMALLEST_ROOT) return style;
  return style.replace(/^(?!@media).*$/gm, (line) => line.replace(/(\d*\.?\d+)rem\b/g, (_, number) => `${Number(number) * 16}px`));
}

/** @param {string} path */
const ours = (path) => new URL(path, import.meta.url);
