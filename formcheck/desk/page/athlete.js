import { all, ask, byId, say, wireShare } from "./parts.js";

const name = byId("main").dataset.name;

function show() {
  const uids = all(".pick input:checked").map((each) => each.value);
  const link = byId("compare");
  if (!link) return;
  link.toggleAttribute("aria-disabled", uids.length !== 2);
  if (uids.length === 2) link.href = `/compare?a=${uids[1]}&b=${uids[0]}`; // the older one first
  else link.removeAttribute("href");
}

document.addEventListener("change", (event) => { if (event.target.matches(".pick input")) show(); });
byId("log").addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = await ask("POST", `/api/athletes/${encodeURIComponent(name)}/log`, Object.fromEntries(new FormData(event.target)));
  if (told) {
    say(told.said);
    setTimeout(() => location.reload(), 900);
  }
});
if (byId("week")) byId("week").addEventListener("change", (event) => {
  byId("share").dataset.url = `/athletes/${encodeURIComponent(name)}/week.html?monday=${event.target.value}&`;
});
wireShare();

/** A page of one flow needs no scroll bar of its own: its frame is as high as it is. */
function fit(frame) {
  const inside = frame.contentDocument;
  if (!inside || !inside.body) return;
  const follow = () => (frame.style.height = `${inside.documentElement.getBoundingClientRect().height + 8}px`);
  new ResizeObserver(follow).observe(inside.documentElement);
  follow();
}

const trends = byId("trends");
if (trends) {
  trends.addEventListener("load", () => fit(trends));
  if (trends.contentDocument && trends.contentDocument.readyState === "complete") fit(trends);
}
show();
