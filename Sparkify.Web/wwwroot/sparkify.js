// The shell of the page on the server, once it is there.
let shell = null;
let focused = null;
const narrow = matchMedia("(max-width: 599px)");
narrow.addEventListener("change", () => shell?.invokeMethodAsync("NarrowIsAsync", narrow.matches));

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k" && shell) {
    event.preventDefault();
    shell.invokeMethodAsync("SearchAsync");
  }
});

// A page that was gone to has the focus on its heading, and keeps it when what it had to wait for puts another one in its place.
let last = null;
document.addEventListener("focusin", (event) => { last = event.target; });
new MutationObserver(() => {
  if (last?.tagName === "H1" && !last.isConnected && document.activeElement === document.body) {
    const heading = document.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }
}).observe(document.body, { childList: true, subtree: true });

// How many runs ended while nobody looked; gone as soon as somebody does.
let unseen = 0;
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    unseen = 0;
    navigator.clearAppBadge?.();
  }
});

window.sparkify = {
  // What the server wants to know of the browser when a circuit starts.
  hello: (layout) => {
    shell = layout;
    let open = true;
    try {
      open = localStorage.getItem("drawer") !== "icons";
    } catch {
      // Private windows may refuse.
    }
    return {
      zone: {
        name: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC",
        minutesEast: -new Date().getTimezoneOffset(),
      },
      narrow: narrow.matches,
      drawerOpen: open && matchMedia("(min-width: 960px)").matches,
    };
  },

  // What was typed goes into the address, unless the person is on another page by now.
  follow: (address) => {
    if (new URL(address, location.href).pathname === location.pathname) {
      Blazor.navigateTo(address, { replaceHistoryEntry: true });
    }
  },

  keepDrawer: (open) => {
    try {
      localStorage.setItem("drawer", open ? "words" : "icons");
    } catch {
      // As above.
    }
  },

  // Around a dialog of our own: what has the focus now, and giving it back.
  keepFocus: () => { focused = document.activeElement; },
  // In the next frame: what kept the focus within the dialog lets go of it when it is taken out of the page.
  giveFocusBack: () => requestAnimationFrame(() => focused?.focus?.()),

  // Whether a sentence stands on the page.
  shows: (sentence) => document.getElementById("main")?.textContent.includes(sentence) ?? false,

  mayNotify: () => window.Notification?.permission ?? "denied",
  askToNotify: async () => await window.Notification?.requestPermission() ?? "denied",

  // A run ended: a message of the browser, if it may, to those who look elsewhere.
  ended: (text, address) => {
    if (document.visibilityState === "visible") {
      return;
    }
    unseen += 1;
    navigator.setAppBadge?.(unseen);
    if (window.Notification?.permission === "granted") {
      const message = new Notification("Sparkify", { body: text, icon: "favicon.svg", tag: address });
      message.onclick = () => {
        window.focus();
        location.assign(address);
      };
    }
  },

  // How wide an element's content may be.
  width: (element) => {
    const style = element && getComputedStyle(element);
    return element ? element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) : 0;
  },
};

// <button data-copy="#element">: its text to the clipboard.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  const text = button && document.querySelector(button.dataset.copy)?.textContent;
  if (text) {
    await navigator.clipboard.writeText(text);
    const words = button.querySelector("[data-words]") ?? button;
    const before = words.dataset.said ??= words.textContent;
    words.textContent = "Copied";
    setTimeout(() => { words.textContent = before; }, 1500);
  }
});

// A log that stays at its end while it grows, until the reader scrolls up; back at the end it follows again.
customElements.define("log-tail", class extends HTMLElement {
  #atEnd = true;
  #seen = null;

  connectedCallback() {
    this.addEventListener("scroll", () => {
      this.#atEnd = this.scrollHeight - this.scrollTop - this.clientHeight < 24;
    }, { passive: true });
    this.#seen = new MutationObserver(() => this.#follow());
    this.#seen.observe(this, { childList: true, subtree: true, characterData: true });
    this.#follow();
  }

  disconnectedCallback() {
    this.#seen?.disconnect();
  }

  #follow() {
    if (this.#atEnd) {
      this.scrollTop = this.scrollHeight;
    }
  }
});

// The connection: keep trying as long as the page is open, and start afresh when the server did.
(() => {
  const dialog = document.getElementById("components-reconnect-modal");
  let timer = 0;

  const retry = async () => {
    clearTimeout(timer);
    try {
      if (await Blazor.reconnect()) {
        dialog.close();
        return;
      }
      // The server answered but no longer knows this page: it was restarted.
      location.reload();
    } catch {
      timer = setTimeout(retry, 2000);
    }
  };

  // The state stands on the element as a class, which every version of the script sets.
  const states = {
    "components-reconnect-show": () => {
      if (!dialog.open) {
        dialog.showModal();
      }
    },
    "components-reconnect-hide": () => {
      clearTimeout(timer);
      dialog.close();
    },
    "components-reconnect-failed": retry,
    "components-reconnect-rejected": () => location.reload(),
  };
  let last = "";
  if (dialog) {
    new MutationObserver(() => {
      const now = Object.keys(states).find((name) => dialog.classList.contains(name)) ?? "";
      if (now !== last) {
        last = now;
        states[now]?.();
      }
    }).observe(dialog, { attributes: true, attributeFilter: ["class"] });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && timer && dialog?.open) {
      retry();
    }
  });
})();

// The part of the page on the server broke, or never came to be: nothing brings it back, so the page begins anew once the application
// answers. One that breaks again at once is not hurried.
const beginAnew = async () => {
  const dialog = document.getElementById("components-reconnect-modal");
  if (dialog && !dialog.open) {
    dialog.showModal();
  }
  const again = Date.now() - Number(sessionStorage.getItem("broke") ?? 0) < 60_000;
  sessionStorage.setItem("broke", String(Date.now()));
  const look = async () => {
    try {
      await fetch("/healthz", { cache: "no-store" });
      location.reload();
    } catch {
      setTimeout(look, 2000);
    }
  };
  setTimeout(look, again ? 15_000 : 1000);
};
const broken = document.getElementById("blazor-error-ui");
if (broken) {
  new MutationObserver((_, seen) => {
    seen.disconnect();
    beginAnew();
  }).observe(broken, { attributes: true, attributeFilter: ["style"] });
}
if (document.querySelector("#boot[data-live]")) {
  setTimeout(() => {
    if (!shell) {
      beginAnew();
    }
  }, 30_000);
}

// The connection of somebody who was signed out never comes back: the page begins again, and leads to where one signs in.
const leaveIfSignedOut = async () => {
  try {
    if ((await fetch("/api/v1/me", { cache: "no-store" })).status === 401) {
      location.reload();
    }
  } catch {
    // The application does not answer; who asks will be seen when it does.
  }
};

// Once a second for a minute, then at leisure, and never giving up: runs go on, so the page should come back to them.
Blazor.start({
  circuit: {
    reconnectionOptions: {
      maxRetries: 1_000_000,
      retryIntervalMilliseconds: (attempts) => {
        leaveIfSignedOut();
        return attempts < 60 ? 1000 : 5000;
      },
    },
  },
});
