// Server-sent events of a response to POST, which EventSource cannot read.

const END = "\n\n";

/**
 * @param {Response} response
 * @returns {AsyncGenerator<{name: string, value: any}>}
 */
export async function* eventsOf(response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: "" };
    if (done) return;
    waiting += value;
    for (let end = waiting.indexOf(END); end >= 0; end = waiting.indexOf(END)) {
      yield parse(waiting.slice(0, end));
      waiting = waiting.slice(end + END.length);
    }
  }
}

/** @param {string} event */
function parse(event) {
  const fields = new Map(event.split("\n").map((line) => /** @type {[string, string]} */ (line.split(/: (.*)/s, 2))));
  return { name: fields.get("event") ?? "", value: JSON.parse(fields.get("data") ?? "null") };
}
