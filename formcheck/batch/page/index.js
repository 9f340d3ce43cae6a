const byId = (id) => document.getElementById(id);
const table = byId("sets");
if (table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.querySelectorAll("th")];
  const DOWN = new Set(["severity", "date", "load", "reps"]); // these start with the largest
  const NUMBERS = new Set(["severity", "load", "reps"]);
  let sorted = { key: "severity", down: true };

  function compare(one, other) {
    const [a, b] = [one.dataset[sorted.key], other.dataset[sorted.key]];
    if (a === "" || b === "") return (a === "") - (b === ""); // what is not known comes last, either way
    const order = NUMBERS.has(sorted.key) ? a - b : a.localeCompare(b, undefined, { numeric: true });
    return sorted.down ? -order : order;
  }

  function sortBy(key, down) {
    sorted = { key, down };
    body.append(...rows.sort((one, other) => compare(one, other) || other.dataset.severity - one.dataset.severity));
    for (const head of heads) {
      const button = head.querySelector("button");
      if (button && button.dataset.order === key) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    byId("order").value = key;
  }

  function filter() {
    const [athlete, lift, fault] = ["athlete", "lift", "fault"].map((id) => byId(id).value);
    const words = byId("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const { dataset } = row;
      const text = dataset.words.toLowerCase();
      row.hidden = !(
        (!athlete || dataset.athlete === athlete) &&
        (!lift || dataset.lift === lift) &&
        (!fault || dataset.faults.split("|").includes(fault)) &&
        words.every((word) => text.includes(word))
      );
      shown += !row.hidden;
    }
    byId("count").textContent = `${shown} shown`;
    byId("none").hidden = shown > 0;
  }

  for (const head of heads) {
    const button = head.querySelector("button");
    if (!button) continue;
    const key = button.dataset.order;
    button.addEventListener("click", () => sortBy(key, sorted.key === key ? !sorted.down : DOWN.has(key)));
  }
  byId("order").addEventListener("change", (event) => sortBy(event.target.value, DOWN.has(event.target.value)));
  byId("filters").addEventListener("input", filter);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  filter(); // a browser that comes back keeps the fields as they were
}
