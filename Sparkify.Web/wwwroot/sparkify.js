window.sparkify = {
  // The browser's time zone, asked for once when a circuit starts.
  zone: () => ({
    name: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC",
    minutesEast: -new Date().getTimezoneOffset(),
  }),
};

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

  dialog?.addEventListener("components-reconnect-state-changed", (event) => {
    switch (event.detail.state) {
      case "show":
        if (!dialog.open) {
          dialog.showModal();
        }
        break;
      case "hide":
        clearTimeout(timer);
        dialog.close();
        break;
      case "failed":
        retry();
        break;
      case "rejected":
        location.reload();
        break;
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && dialog?.open && timer) {
      retry();
    }
  });
})();
