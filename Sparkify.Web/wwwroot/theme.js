// Runs before the first paint: the remembered choice, or none to follow the system.
(() => {
  const choices = ["system", "light", "dark"];
  const root = document.documentElement;

  const read = () => {
    try {
      const kept = localStorage.getItem("theme");
      return choices.includes(kept) ? kept : "system";
    } catch {
      return "system";
    }
  };

  const apply = (theme) => {
    root.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.setAttribute("aria-label", `Change the theme, now ${theme}`);
    }
  };

  apply(read());
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-switch]")) {
      return;
    }
    const next = choices[(choices.indexOf(read()) + 1) % choices.length];
    try {
      localStorage.setItem("theme", next);
    } catch {
      // Private windows may refuse; the choice then lasts as long as the page.
    }
    apply(next);
  });
})();
