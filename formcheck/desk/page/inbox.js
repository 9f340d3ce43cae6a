import { ask, byId, change, left, make, say, tellAlso } from "./parts.js";

const AT_ONCE = 3; // uploads
const AGAIN_MS = 2000; // after a failure of the network, or a server that is away
const LOOK_MS = 1000;
const OTHER = /\.(cfg|db|docx?|gif|h5|heic|html?|ini|ipynb|jpe?g|jsonl?|log|md|npz|parquet|pdf|png|py|srt|toml|txt|webp|xlsx?|xml|ya?ml|zip)$/i;
const sending = []; // {file, path, uid, share, note}
let active = 0;

// ---- what is dropped ----
function take(files) {
  const passedOver = files.filter(({ path }) => OTHER.test(path) || /(^|\/)\./.test(path));
  for (const each of files) if (!passedOver.includes(each)) sending.push({ ...each, uid: crypto.randomUUID ? crypto.randomUUID().replaceAll("-", "") : name32(), share: 0, note: "" });
  if (passedOver.length) say(`Skipped, because their names are not those of videos: ${passedOver.slice(0, 3).map((each) => each.path).join(", ")}${passedOver.length > 3 ? ` and ${passedOver.length - 3} more` : ""}.`);
  pump();
}

/** A name as randomUUID makes it, which browsers have over https and on this computer alone. */
const name32 = () => [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");

async function walk(entry, before = "") {
  if (entry.isFile) return [{ file: await new Promise((done, failed) => entry.file(done, failed)), path: before + entry.name }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) break;
    for (const each of some) found.push(...(await walk(each, `${before}${entry.name}/`)));
  }
  return found;
}

async function onDrop(event) {
  event.preventDefault();
  byId("drop").classList.remove("over");
  const entries = [...event.dataTransfer.items].map((each) => each.webkitGetAsEntry && each.webkitGetAsEntry()).filter(Boolean);
  const plain = [...event.dataTransfer.files].map((file) => ({ file, path: file.name }));
  try {
    take(entries.length ? (await Promise.all(entries.map((each) => walk(each)))).flat() : plain);
  } catch {
    take(plain);
  }
}

// ---- sending ----
function pump() {
  while (active < AT_ONCE) {
    const next = sending.find((each) => !each.started);
    if (!next) break;
    next.started = true;
    active += 1;
    send(next).finally(() => {
      active -= 1;
      pump();
      look();
    });
  }
  draw();
}

/** Send one file until the server has it whole: what fails on the way is sent again, under the same name. */
async function send(each) {
  for (;;) {
    const answer = await put(each);
    if (answer.status === 200) {
      sending.splice(sending.indexOf(each), 1);
      if (answer.told.known) say(`${each.file.name} is here already: the same video is kept once.`);
      if (answer.told.said) say(answer.told.said, true);
      return;
    }
    if (answer.status === 422 || answer.status === 403 || answer.status === 413) {
      each.failed = true;
      each.note = answer.told.message ? `${answer.told.message} ${answer.told.hint}` : "It was refused.";
      return;
    }
    each.share = 0;
    each.note = "waiting for formcheck, then sent again";
    draw();
    await new Promise((done) => setTimeout(done, AGAIN_MS));
    each.note = "";
  }
}

function put(each) {
  const isTable = /\.csv$/i.test(each.path);
  const query = new URLSearchParams({ path: each.path, modified: each.file.lastModified });
  return new Promise((done) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of how much is sent
    request.open("PUT", isTable ? "/api/manifest" : `/api/uploads/${each.uid}?${query}`);
    request.upload.onprogress = (event) => {
      each.share = event.lengthComputable ? event.loaded / event.total : 0;
      draw();
    };
    request.onload = () => {
      let told = {};
      try { told = JSON.parse(request.responseText); } catch { /* not from formcheck */ }
      done({ status: request.status, told });
    };
    request.onerror = request.onabort = () => done({ status: 0, told: {} });
    request.send(each.file);
  });
}

// ---- what is shown ----
let known = { counts: {}, waiting: [], failed: [], done: [], left_s: null };

function bar(share, words) {
  return make("progress", { max: "1", value: String(share), "aria-label": words });
}

function draw() {
  const now = known;
  const lines = [
    ...sending.map((each) => make("li", { class: "line" }, make("b", {}, each.path), ...(each.failed ? [make("span", { class: "warn" }, each.note), dismiss(each)] : [bar(each.share, `${each.path} is sent`), make("span", { class: "small" }, each.note || (each.started ? "coming in" : "waits to be sent"))]))),
    ...now.waiting.map((each) => make("li", { class: "line" }, make("b", {}, each.name), ...(each.share === null ? [] : [bar(each.share, `${each.name} is looked at`)]), make("span", { class: "small" }, [each.athlete, each.share === null ? "waits" : each.share >= 0.999 ? "writing its report" : `looking at it, ${left(each.left_s) || "starting"}`].filter(Boolean).join(": ")))),
  ];
  byId("coming").hidden = !lines.length;
  byId("lines").replaceChildren(...lines);
  const count = now.waiting.length + sending.filter((each) => !each.failed).length;
  tell(count ? `${count} on the way. You may close this page: what has come in goes on.` : now.done.length ? "All are done." : "");
  byId("left").textContent = count && now.left_s ? `${left(now.left_s)}.`.replace(/^a/, "A") : "";
}

/** Say how it stands when that has changed: a screen reader reads every writing, and the time left changes all the time. */
function tell(text) {
  if (byId("whole").textContent !== text) byId("whole").textContent = text;
}

function dismiss(each) {
  const button = make("button", { type: "button", class: "quiet" }, "Dismiss");
  button.addEventListener("click", () => {
    sending.splice(sending.indexOf(each), 1);
    draw();
  });
  return button;
}

function drawFailed() {
  byId("failures").hidden = !known.failed.length;
  const now = known.failed.map((each) => `${each.uid}${each.message}`).join();
  if (now === drawFailed.before) return; // a button that somebody is about to press stays where it is
  drawFailed.before = now;
  byId("failed").replaceChildren(...known.failed.map((each) => {
    const retry = make("button", { type: "button", class: "quiet" }, "Try again");
    retry.addEventListener("click", async () => { if (await ask("POST", `/api/sets/${each.uid}/again`)) look(); });
    const remove = make("button", { type: "button", class: "quiet" }, "Remove");
    remove.addEventListener("click", async () => { if (confirm(`Remove ${each.name}?`) && (await ask("DELETE", `/api/sets/${each.uid}`))) look(); });
    const open = make("a", { class: "button", href: `/sets/${each.uid}` }, "Look at it");
    const remedy = each.asks_lift ? chooseLift(each) : open;
    return make("li", { class: "line" }, make("b", {}, each.name), make("span", { class: "warn" }, `${each.message} ${each.hint}`), make("span", { class: "tools" }, remedy, ...(each.may_pass ? [retry] : []), remove));
  }));
}

/** A list of lifts for a set whose lift was not recognised: choosing one judges it. */
function chooseLift(each) {
  const choice = byId("lifts").content.firstElementChild.cloneNode(true);
  choice.setAttribute("aria-label", `Lift of ${each.name}`);
  choice.addEventListener("change", async () => { if (choice.value && (await change([each.uid], { lift: choice.value }))) look(); });
  return choice;
}

function drawDone() {
  byId("finished").hidden = !known.done.length;
  const now = JSON.stringify(known.done);
  if (now === drawDone.before) return;
  drawDone.before = now;
  byId("done").replaceChildren(...known.done.map((each) => make("li", { class: `line ${each.verdict}` },
    make("a", { class: "mini", href: `/sets/${each.uid}`, "aria-hidden": "true", tabindex: "-1" }, make("img", { src: `/sets/${each.uid}/worst.jpg?${each.version}`, alt: "" })),
    make("span", {}, make("a", { href: `/sets/${each.uid}` }, `${each.athlete || "Nobody yet"}: ${each.lift}`), make("br"), make("small", {}, `${each.name}, ${each.reps}. ${each.cues.length ? each.cues[0].text : each.said}`)),
    ...(each.athlete ? [] : [nameIt(each)]))));
}

/** A field for the athlete where nobody is named yet. */
function nameIt(each) {
  const field = make("input", { "aria-label": `Athlete of ${each.name}`, placeholder: "athlete", maxlength: "100", class: "short", list: "names" });
  field.addEventListener("change", async () => {
    const told = field.value && (await change([each.uid], { athlete: field.value }));
    if (!told) return;
    say(`${each.name} is ${field.value}'s.${tellAlso(told)}`);
    look();
  });
  return field;
}

async function look() {
  try {
    const answer = await fetch("/api/inbox");
    if (!answer.ok) return;
    known = await answer.json();
  } catch {
    tell("formcheck does not answer. Start it again: it goes on where it was.");
    byId("left").textContent = "";
    return;
  }
  if (known.said && known.said !== look.said) say(known.said, true);
  look.said = known.said;
  draw();
  drawFailed();
  if (!document.activeElement || !document.activeElement.closest("#done input")) drawDone();
}

const drop = document.body;
drop.addEventListener("dragover", (event) => { event.preventDefault(); byId("drop").classList.add("over"); });
drop.addEventListener("dragleave", (event) => { if (!event.relatedTarget) byId("drop").classList.remove("over"); });
drop.addEventListener("drop", onDrop);
for (const id of ["files", "folder"]) byId(id).addEventListener("change", (event) => {
  take([...event.target.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
  event.target.value = "";
});
window.addEventListener("beforeunload", (event) => { if (sending.some((each) => !each.failed)) event.preventDefault(); });
setInterval(look, LOOK_MS);
look();
