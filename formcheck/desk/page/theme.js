"use strict";
// Light or dark before anything is painted: as chosen here last, else as the system has it.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const read = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const name = () => {
    const button = document.getElementById("theme");
    if (button) button.setAttribute("aria-label", root.dataset.theme === "dark" ? "Light" : "Dark");
  };
  const set = (theme) => {
    root.dataset.theme = theme;
    name();
    root.dispatchEvent(new Event("themed"));
  };
  set(read() || (dark.matches ? "dark" : "light"));
  dark.addEventListener("change", () => read() || set(dark.matches ? "dark" : "light"));
  document.addEventListener("DOMContentLoaded", () => {
    name();
    document.getElementById("theme").addEventListener("click", () => {
      const theme = root.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("theme", theme); } catch { /* a browser that keeps nothing */ }
      set(theme);
    });
  });
})();
