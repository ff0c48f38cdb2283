// Runs before the first paint. data-theme is what the person chose, or "system"; data-scheme is what holds: light or dark.
(() => {
  const choices = ["system", "light", "dark"];
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  const read = () => {
    try {
      const kept = localStorage.getItem("theme");
      return choices.includes(kept) ? kept : "system";
    } catch {
      return "system";
    }
  };

  let theme = read();

  const apply = () => {
    root.dataset.theme = theme;
    root.dataset.scheme = theme === "dark" || (theme === "system" && system.matches) ? "dark" : "light";
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.setAttribute("aria-label", `Change the theme, now ${theme}`);
    }
  };

  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-switch]")) {
      return;
    }
    theme = choices[(choices.indexOf(theme) + 1) % choices.length];
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Private windows may refuse; the choice then lasts as long as the page.
    }
    apply();
  });
})();
