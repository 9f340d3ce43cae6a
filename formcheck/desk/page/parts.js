// What the desk's pages share: asking the server, and saying what went wrong.

export const byId = (id) => document.getElementById(id);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Make an element with attributes and children; a text is a text, never HTML. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  element.append(...children);
  return element;
}

/** Tell the coach something, in words that a screen reader reads too. */
export function say(text) {
  const said = byId("said");
  said.hidden = !text;
  said.textContent = text;
  clearTimeout(say.timer);
  if (text) say.timer = setTimeout(() => (said.hidden = true), 8000);
}

/** Ask the server; a refusal or a server that is away is said, and null comes back. */
export async function ask(method, url, content) {
  let answer;
  try {
    answer = await fetch(url, { method, body: method === "GET" || method === "DELETE" ? undefined : JSON.stringify(content ?? {}), headers: { "Content-Type": "application/json" } });
  } catch {
    say("formcheck does not answer. Is it still running? Nothing that was kept is lost.");
    return null;
  }
  if (answer.ok) return answer.json();
  const told = await answer.json().catch(() => ({}));
  say(told.message ? `${told.message} ${told.hint}` : "That did not work: load the page again.");
  return null;
}

export const change = (uids, changes) => ask("POST", "/api/sets", { uids, changes });

export function left(seconds) {
  if (seconds === null) return "";
  if (seconds < 60) return `about ${Math.max(1, Math.round(seconds / 5) * 5)} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}
