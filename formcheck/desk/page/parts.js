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

/** Tell the coach something, in words that a screen reader reads too; what stays is there until something else is said. */
export function say(text, stays = false) {
  const said = byId("said");
  said.hidden = !text;
  said.textContent = text;
  clearTimeout(say.timer);
  if (text && !stays) say.timer = setTimeout(() => (said.hidden = true), 8000);
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

/** What else a name has told, of sets whose files are called so. */
export const tellAlso = (told) => (told.also ? ` ${told.also} more, by the name in the file's.` : "");

export function left(seconds) {
  if (seconds === null) return "";
  if (seconds < 60) return `about ${Math.max(1, Math.round(seconds / 5) * 5)} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}

// ---- what is given away ----
const PRINT_MS = 100; // between two looks at a page that is to be printed
const KEEP_MS = 60000; // for the browser to write what it downloads

/** Print a page of this server as it prints itself; it is made, and its charts are drawn, before the printer is asked. */
function printPage(url) {
  say("The sheets are being made; then the printer opens.", true);
  all(".printed").forEach((each) => each.remove());
  const frame = make("iframe", { class: "printed", title: "What is printed", "aria-hidden": "true", tabindex: "-1", src: url });
  frame.addEventListener("load", async () => {
    const inside = frame.contentDocument;
    if (!inside || !inside.getElementById("print")) {
      say(inside && inside.body ? inside.body.textContent : "That did not work: load the page again.");
      return;
    }
    const { dataset } = inside.documentElement;
    const isDrawn = () => dataset.ready === "yes" && (dataset.charts === "ready" || !inside.getElementById("charts"));
    while (!isDrawn()) await new Promise((done) => setTimeout(done, PRINT_MS));
    say("");
    frame.contentWindow.print();
  });
  document.body.append(frame);
}

/** Save a page that is made for it. A film takes its time: the coach is told when it is there, or why there is none. */
async function savePage(link, url) {
  if (link.getAttribute("aria-busy") === "true") return;
  link.setAttribute("aria-busy", "true");
  say("The page is being made, with its videos. You may go on meanwhile, on this page.", true);
  const answer = await fetch(url).catch(() => null);
  const told = answer && answer.ok ? await answer.blob().catch(() => null) : null;
  link.removeAttribute("aria-busy");
  if (!told) {
    say(answer && answer.status === 422 ? await answer.text() : "The page was not made. Is formcheck still running?");
    return;
  }
  const name = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") || "");
  const target = make("a", { href: URL.createObjectURL(told), download: name ? decodeURIComponent(name[1]) : "formcheck.html" });
  target.click();
  setTimeout(() => URL.revokeObjectURL(target.href), KEEP_MS);
  say(`Saved as ${target.download}, where this browser keeps what it downloads.`);
}

/** Wire the tools that save a page or print it, with the lifter's head or without. */
export function wireShare() {
  const tools = byId("share");
  if (!tools) return;
  const url = () => `${tools.dataset.url}hide=${byId("hide").checked}`;
  byId("save").addEventListener("click", (event) => {
    event.preventDefault();
    savePage(byId("save"), url());
  });
  byId("paper").addEventListener("click", () => printPage(`${url()}&film=false`));
}

/** What stands in the report's frame is printed, not the frame. */
const report = byId("report");
if (report) {
  const print = () => report.contentWindow.print();
  if (byId("print-report")) byId("print-report").addEventListener("click", print);
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "p") return;
    event.preventDefault();
    print();
  });
}
