// Puts the chat box into a page of another site; see docs/embed.md.
//
//   <script src="https://qa.example.org/static/embed.js" data-key="vb_…" defer></script>
//
// This file only makes room and fetches the rest, as modules that the page's own scripts never see.
(() => {
  "use strict";
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const options = { ...script.dataset };

  function start() {
    if (document.querySelector("verbatim-box")) return console.warn("verbatim: there is a box on this page already.");
    const box = document.createElement("verbatim-box");
    const target = options.target ? document.querySelector(options.target) : null;
    if (options.target && !target) return console.error(`verbatim: nothing on this page matches data-target="${options.target}".`);
    if (target) target.append(box);
    else if (script.parentElement?.closest("body")) script.after(box);
    else document.body.append(box);
    import(new URL("js/embed.js", script.src).href)
      .then(({ show }) => show(box, options))
      .catch(async (error) => {
        console.error("verbatim:", error);
        box.setAttribute("role", "alert");
        box.textContent = await reason();
      });
  }

  /** A browser does not say why it kept the modules from this page; whether the server is there does. */
  async function reason() {
    const { host } = new URL(script.src);
    const isThere = await fetch(script.src, { mode: "no-cors", cache: "no-store" }).then(() => true, () => false);
    if (!isThere) return `The question box could not be loaded: ${host} does not answer.`;
    return `This site, ${location.origin}, may not ask ${host}. Whoever runs that server can list it in the setting allowed_origins.`;
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
