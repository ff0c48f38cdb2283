// Runs before the first paint. On the root of the page: data-theme is what the person chose, or "system"; data-scheme is what holds,
// light or dark; data-density is compact or roomy. A click on anything marked data-theme-switch or data-density-switch moves on to the
// next choice; one marked with a value (data-theme-switch="dark") chooses that.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  const kept = (name, choices) => {
    let now = choices[0];
    try {
      const word = localStorage.getItem(name);
      now = choices.includes(word) ? word : now;
    } catch {
      // Private windows may refuse; the choice then lasts as long as the page.
    }
    return {
      get: () => now,
      choose: (word) => {
        now = choices.includes(word) ? word : choices[(choices.indexOf(now) + 1) % choices.length];
        try {
          localStorage.setItem(name, now);
        } catch {
          // As above.
        }
      },
    };
  };

  const theme = kept("theme", ["system", "light", "dark"]);
  const density = kept("density", ["compact", "roomy"]);

  const apply = () => {
    root.dataset.theme = theme.get();
    root.dataset.scheme = theme.get() === "dark" || (theme.get() === "system" && system.matches) ? "dark" : "light";
    root.dataset.density = density.get();
    for (const [name, now] of [["theme", theme], ["density", density]]) {
      for (const button of document.querySelectorAll(`[data-${name}-switch]:not([data-${name}-switch=""])`)) {
        button.setAttribute("aria-pressed", button.getAttribute(`data-${name}-switch`) === now.get());
      }
    }
    for (const button of document.querySelectorAll("button.theme")) {
      button.setAttribute("aria-label", `Change the theme, now ${theme.get()}`);
    }
  };

  // For pages that show the choice and were not there when it was made.
  window.showLook = apply;
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme-switch], [data-density-switch]");
    if (button) {
      const { themeSwitch, densitySwitch } = button.dataset;
      if (themeSwitch !== undefined) {
        theme.choose(themeSwitch);
      } else {
        density.choose(densitySwitch);
      }
      apply();
    }
  });
})();
