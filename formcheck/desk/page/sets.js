import { all, ask, byId, change, say } from "./parts.js";

const picked = () => all("#cards input:checked").map((each) => each.value);

function show() {
  const uids = picked();
  byId("bulk").hidden = !uids.length;
  byId("picked").textContent = `${uids.length} selected`;
  const compare = byId("bulk").querySelector('[data-do="compare"]');
  compare.disabled = uids.length !== 2;
  compare.textContent = uids.length === 2 ? "Compare" : "Compare (tick two)";
}

async function act(event) {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  const uids = picked();
  const actions = {
    athlete: () => change(uids, { athlete: byId("bulk-athlete").value }),
    reviewed: () => change(uids, { reviewed: true }),
    compare: () => { location.href = `/compare?a=${uids[0]}&b=${uids[1]}`; return null; },
    remove: async () => {
      if (!confirm(`Remove ${uids.length === 1 ? "this set" : `these ${uids.length} sets`}, with what was said about them?`)) return null;
      for (const uid of uids) await ask("DELETE", `/api/sets/${uid}`);
      return {};
    },
    none: () => { all("#cards input:checked").forEach((each) => (each.checked = false)); show(); return null; },
  };
  if (await actions[button.dataset.do]()) location.reload();
}

all("#filters select").forEach((each) => each.addEventListener("change", () => byId("filters").submit()));
document.addEventListener("change", (event) => { if (event.target.matches("#cards input")) show(); });
byId("bulk").addEventListener("click", act);
byId("bulk").addEventListener("submit", (event) => { event.preventDefault(); byId("bulk").querySelector('[data-do="athlete"]').click(); });
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select, textarea") || !["j", "k"].includes(event.key)) return;
  const links = all("#cards .shot");
  const at = links.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
  if (links[Math.max(0, at)]) links[Math.max(0, at)].focus();
});
show();
say("");
