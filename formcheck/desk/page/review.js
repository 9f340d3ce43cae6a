import { all, ask, byId, change, left, say, tellAlso, wireShare } from "./parts.js";

const main = byId("main");
const uid = main.dataset.uid;
const frame = byId("report");
const inside = () => frame && frame.contentDocument;
const WATCH_MS = 500;
const SVG = "http://www.w3.org/2000/svg";

// ---- the report in its frame ----
const clock = (timeS) => {
  const tenths = Math.round(timeS * 10);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
};

function nowS() {
  const scrub = inside() && inside().getElementById("scrub");
  return scrub ? Number(scrub.value) : 0;
}

function seek(timeS) {
  const scrub = inside() && inside().getElementById("scrub");
  if (!scrub) return;
  scrub.value = timeS;
  scrub.dispatchEvent(new Event("input"));
  if (matchMedia("(max-width: 899px)").matches) swap(false);
}

/** Show the report, or the coach's part: on a narrow screen one at a time. */
function swap(hands) {
  document.body.classList.toggle("hands-shown", hands);
  byId("swap").setAttribute("aria-expanded", String(hands));
  byId("swap").textContent = hands ? "Report" : "Your notes";
}

// ---- changes ----
async function changeSet(changes) {
  const told = await change([uid], changes);
  if (told && told.again.length) watch();
  return told;
}

/** Tell how far the new judgement is, and show it when it is there. A screen reader is told that it has begun, and that
 * it is done: how far it is stands in the bar. */
async function watch() {
  byId("again").hidden = false;
  byId("again-said").textContent = main.querySelector("#report") ? "Judging it again." : "Judging it.";
  main.dataset.state = "waiting";
  for (;;) {
    const told = await ask("GET", `/api/sets/${uid}`);
    if (told && told.state !== "waiting") return comeAnew(told.message || "Judged again.");
    if (told && told.share !== null) byId("again-share").value = told.share;
    if (told) byId("again-left").textContent = told.share === null ? "waits for its turn" : left(told.left_s);
    await new Promise((done) => setTimeout(done, WATCH_MS));
  }
}

// ---- the page again, where it was ----
const PLACE = "formcheck-place";
const NAMED = ["data-rep", "data-here", "name"]; // what tells controls apart that have no id
let typed = ""; // a comment that is not kept yet, on a page that has no place for it

/** Load the page again: the moment, the control in use, the part that is shown and a comment that is not kept yet come
 * back, and `told` is said. */
function comeAnew(told) {
  const focused = document.activeElement;
  const by = focused && !focused.id && NAMED.find((each) => focused.hasAttribute(each));
  const control = focused && focused.id ? `#${focused.id}` : by ? `[${by}="${focused.getAttribute(by)}"]` : null;
  const text = byId("text") ? byId("text").value : typed;
  const place = { uid, told, control, text, strokes, timeS: nowS(), scrollPx: byId("hands").scrollTop, hands: document.body.classList.contains("hands-shown") };
  sessionStorage.setItem(PLACE, JSON.stringify(place));
  location.reload();
}

function comeBack() {
  const place = JSON.parse(sessionStorage.getItem(PLACE) || "null");
  sessionStorage.removeItem(PLACE);
  if (!place || place.uid !== uid) return;
  if (place.timeS) seek(place.timeS);
  typed = place.text;
  strokes = place.strokes;
  if (byId("text")) byId("text").value = typed;
  if (strokes.length) showStrokes(strokes);
  swap(place.hands);
  byId("hands").scrollTop = place.scrollPx;
  const control = place.control && document.querySelector(place.control);
  if (control) control.focus({ preventScroll: true });
  if (main.dataset.state === "done") say(place.told);
}

function wireChanges() {
  byId("reviewed").addEventListener("click", toggleReviewed);
  byId("lift").addEventListener("change", (event) => changeSet({ lift: event.target.value }));
  byId("about").addEventListener("change", async (event) => {
    const told = await changeSet({ [event.target.name]: event.target.value });
    if (told) say(`Kept.${tellAlso(told)}`);
  });
  byId("about").addEventListener("submit", (event) => event.preventDefault());
  byId("trim").addEventListener("submit", (event) => {
    event.preventDefault();
    changeSet(Object.fromEntries(new FormData(event.target)));
  });
  if (byId("whole-clip")) byId("whole-clip").addEventListener("click", () => changeSet({ start_s: "", end_s: "" }));
  all("[data-here]").forEach((each) => each.addEventListener("click", () => (byId("trim").elements[each.dataset.here].value = nowS().toFixed(1))));
  byId("remove").addEventListener("click", async () => {
    if (confirm("Remove this set, with what was said about it?") && (await ask("DELETE", `/api/sets/${uid}`))) location.href = byId("after").href || "/sets";
  });
  if (byId("retry")) byId("retry").addEventListener("click", async () => { if (await ask("POST", `/api/sets/${uid}/again`)) watch(); });
  if (byId("reps")) byId("reps").addEventListener("click", (event) => {
    const button = event.target.closest("[data-rep]");
    if (!button) return;
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    const without = all('[data-rep][aria-pressed="false"]').map((each) => Number(each.dataset.rep));
    changeSet({ without });
  });
}

async function toggleReviewed() {
  const button = byId("reviewed");
  const reviewed = button.getAttribute("aria-pressed") !== "true";
  if (!(await change([uid], { reviewed }))) return;
  button.setAttribute("aria-pressed", String(reviewed));
  button.firstChild.textContent = reviewed ? "✓ Reviewed " : "Mark reviewed ";
}

async function mark(button) {
  const on = button.getAttribute("aria-pressed") !== "true";
  const told = await ask("POST", `/api/sets/${uid}/marks`, { place: Number(button.dataset.place), mark: on ? button.dataset.mark : null });
  if (!told) return;
  all("[data-mark]", button.parentElement).forEach((each) => each.setAttribute("aria-pressed", String(on && each === button)));
}

// ---- comments and drawings ----
let strokes = [];

/** The drawing over the report's video: made when it is needed, for the frame's own page knows nothing of it. */
function sheet() {
  const stage = inside() && inside().getElementById("stage");
  if (!stage) return null;
  let found = inside().getElementById("drawing");
  if (!found) {
    found = inside().createElementNS(SVG, "svg");
    found.id = "drawing";
    found.setAttribute("viewBox", "0 0 1 1");
    found.setAttribute("preserveAspectRatio", "none");
    found.setAttribute("style", "position:absolute;inset:0;width:100%;height:100%;pointer-events:none;z-index:4");
    stage.append(found);
    wirePen(found);
  }
  return found;
}

function showStrokes(lines) {
  const svg = sheet();
  if (!svg) return;
  svg.replaceChildren(...lines.map((line) => {
    const shape = inside().createElementNS(SVG, "polyline");
    shape.setAttribute("points", line.map((point) => point.join(",")).join(" "));
    for (const [name, value] of Object.entries({ fill: "none", stroke: "#ffd400", "stroke-width": "4", "stroke-linecap": "round", "stroke-linejoin": "round", "vector-effect": "non-scaling-stroke" })) shape.setAttribute(name, value);
    return shape;
  }));
}

function wirePen(svg) {
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((each) => Math.round(1e4 * Math.min(1, Math.max(0, each))) / 1e4);
  };
  let line = null;
  svg.addEventListener("pointerdown", (event) => { line = [at(event)]; strokes.push(line); svg.setPointerCapture(event.pointerId); event.preventDefault(); });
  svg.addEventListener("pointermove", (event) => { if (line) { line.push(at(event)); showStrokes(strokes); } });
  svg.addEventListener("pointerup", () => (line = null));
  svg.addEventListener("click", (event) => event.stopPropagation());
}

function draw(on) {
  const svg = sheet();
  if (!svg) return;
  if (on) {
    strokes = [];
    inside().getElementById("video").pause();
    seek(nowS());
    frame.contentWindow.scrollTo({ top: 0 }); // where the player is whole, not small in a corner
  }
  svg.style.pointerEvents = on ? "auto" : "none";
  svg.style.touchAction = "none";
  svg.style.cursor = on ? "crosshair" : "";
  showStrokes(on ? [] : strokes);
  byId("draw").setAttribute("aria-pressed", String(on));
  if (on) say("Draw over the picture with a finger or the mouse, then press Keep under Comments.");
}

function wireComments() {
  if (!byId("comment")) return;
  byId("comment").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await ask("POST", `/api/sets/${uid}/comments`, { time_s: nowS(), text: byId("text").value, strokes })) {
      const drew = byId("draw") && byId("draw").getAttribute("aria-pressed") === "true" && !strokes.length;
      byId("text").value = "";
      strokes = [];
      comeAnew(drew ? "Kept, without a drawing: nothing was drawn." : "Kept.");
    }
  });
  if (byId("draw")) byId("draw").addEventListener("click", () => draw(byId("draw").getAttribute("aria-pressed") !== "true"));
  byId("comments").addEventListener("click", async (event) => {
    const line = event.target.closest("[data-comment]");
    if (!line) return;
    if (event.target.closest(".drop-it")) {
      if (await ask("DELETE", `/api/sets/${uid}/comments/${line.dataset.comment}`)) line.remove();
    } else showStrokes(JSON.parse(line.dataset.strokes));
  });
}

// ---- the lifter ----
function wireLifter() {
  const dialog = byId("lifter");
  const video = byId("crowd");
  const choose = async (subject) => { dialog.close(); await changeSet({ subject }); };
  byId("wrong-lifter").addEventListener("click", () => {
    if (!video.src) video.src = video.dataset.src;
    video.preload = "auto";
    if (video.readyState) showMoment();
    dialog.showModal();
  });
  const showMoment = () => {
    byId("crowd-time").max = video.duration;
    byId("crowd-time").value = video.currentTime = nowS();
  };
  video.addEventListener("loadedmetadata", showMoment);
  video.addEventListener("error", () => say("This browser cannot play the video: choose by words."));
  byId("crowd-time").addEventListener("input", (event) => (video.currentTime = Number(event.target.value)));
  video.addEventListener("click", (event) => {
    const box = video.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * video.videoWidth;
    const y = ((event.clientY - box.top) / box.height) * video.videoHeight;
    choose(`${Math.round(x)},${Math.round(y)}`);
  });
  all("[data-subject]").forEach((each) => each.addEventListener("click", () => choose(each.dataset.subject)));
  byId("close-lifter").addEventListener("click", () => dialog.close());
}

// ---- keys ----
function turn(way, end) {
  if (byId(way).href) byId(way).click();
  else say(end);
}

function onKey(event) {
  if (event.target.closest && event.target.closest("input:not([type=range]), select, textarea, dialog")) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const actions = { j: () => turn("after", "This is the last set."), k: () => turn("before", "This is the first set."), r: toggleReviewed };
  const action = actions[event.key.toLowerCase()];
  if (action) {
    event.preventDefault();
    event.stopImmediatePropagation();
    action();
  } else if (event.currentTarget === document && event.target === document.body) play(event);
}

/** Hand a key to the report's player when nothing on this page has the focus. */
function play(event) {
  if (!inside() || !inside().body) return;
  const { key, shiftKey } = event;
  const unused = inside().body.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
  if (!unused) event.preventDefault();
}

function wireFrame() {
  // Its own script sets the moment to the start: what comes back comes after that.
  if (!inside() || inside().readyState !== "complete" || !inside().getElementById("scrub")) return;
  frame.contentWindow.addEventListener("keydown", onKey, true);
  comeBack();
  main.dataset.ready = "yes";
}

wireChanges();
wireComments();
wireLifter();
wireShare();
document.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-time]");
  if (link) seek(Number(link.dataset.time));
  const button = event.target.closest("[data-mark]");
  if (button) mark(button);
});
byId("swap").addEventListener("click", () => swap(!document.body.classList.contains("hands-shown")));
if (byId("moment")) setInterval(() => (byId("moment").textContent = clock(nowS())), 200);
if (frame) {
  frame.addEventListener("load", wireFrame);
  wireFrame();
} else comeBack();
if (main.dataset.state === "waiting") watch();
