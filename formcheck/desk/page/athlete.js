import { all, ask, byId, say } from "./parts.js";

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
show();
