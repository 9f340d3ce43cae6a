"use strict";
// What every page has in its frame: the printer, and light or dark before anything is painted, as chosen here last, else as
// the system has it.
const theme = (() => {
  const root = document.documentElement;
  const isInside = window !== window.top;
  root.toggleAttribute("data-inside", isInside);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const read = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const button = () => document.getElementById("theme");
  function set(name) {
    root.dataset.theme = name;
    if (button()) button().setAttribute("aria-label", name === "dark" ? "Light" : "Dark");
    root.dispatchEvent(new Event("themed"));
  }
  function wire() {
    const printer = document.getElementById("print");
    if (printer) printer.addEventListener("click", () => window.print());
    if (!button()) return;
    set(root.dataset.theme);
    button().hidden = isInside; // it follows the page that it is in
    button().addEventListener("click", () => {
      const name = root.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("theme", name); } catch { /* a browser that keeps nothing */ }
      set(name);
    });
  }
  set(read() || (dark.matches ? "dark" : "light"));
  dark.addEventListener("change", () => read() || set(dark.matches ? "dark" : "light"));
  addEventListener("storage", (event) => { if (event.key === "theme" && event.newValue) set(event.newValue); });
  if (button()) wire();
  else document.addEventListener("DOMContentLoaded", wire);
  return { set };
})();
