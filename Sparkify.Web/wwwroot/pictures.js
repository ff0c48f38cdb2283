// Pictures drawn by the pages: saving them to a file, and looking closer.
(() => {
  // What style sheets say about a drawing has to travel with it.
  const kept = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity",
    "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline"];

  const standalone = (svg) => {
    const copy = svg.cloneNode(true);
    const from = [svg, ...svg.querySelectorAll("*")];
    [copy, ...copy.querySelectorAll("*")].forEach((element, at) => {
      const style = getComputedStyle(from[at]);
      for (const name of kept) {
        element.style.setProperty(name, style.getPropertyValue(name));
      }
      element.removeAttribute("class");
    });
    const box = svg.viewBox.baseVal;
    const [width, height] = [box.width || svg.clientWidth, box.height || svg.clientHeight];
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    copy.removeAttribute("style");
    const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    paper.setAttribute("width", "100%");
    paper.setAttribute("height", "100%");
    paper.setAttribute("fill", getComputedStyle(svg.closest("figure, .picture") ?? document.body).backgroundColor);
    copy.prepend(paper);
    return { text: new XMLSerializer().serializeToString(copy), width, height };
  };

  const download = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  const save = (svg, name) => {
    const { text, width, height } = standalone(svg);
    const blob = new Blob([text], { type: "image/svg+xml" });
    if (name.endsWith(".svg")) {
      download(blob, name);
      return;
    }
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = width * 2;
      canvas.height = height * 2;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((png) => download(png, name), "image/png");
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
  };

  // <button data-save="name.svg" data-of="#picture">
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-save]");
    const svg = button && document.querySelector(button.dataset.of);
    if (svg) {
      save(svg, button.dataset.save);
    }
  });
})();

// A picture to look closer at: buttons, Ctrl and the wheel, or + - 0 while it has the focus. Dragging moves it.
customElements.define("zoom-view", class extends HTMLElement {
  #zoom = 1;

  connectedCallback() {
    this.addEventListener("wheel", (event) => {
      if (event.ctrlKey) {
        event.preventDefault();
        this.#to(this.#zoom * (event.deltaY < 0 ? 1.15 : 1 / 1.15), event.clientX, event.clientY);
      }
    }, { passive: false });
    this.addEventListener("keydown", (event) => {
      const by = { "+": 1.25, "=": 1.25, "-": 0.8, 0: 0 }[event.key];
      if (by !== undefined && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        this.#to(by === 0 ? 1 : this.#zoom * by);
      }
    });
    this.parentElement.addEventListener("click", (event) => {
      const by = event.target.closest?.("[data-zoom]")?.dataset.zoom;
      if (by !== undefined) {
        this.#to(by === "0" ? 1 : this.#zoom * Number(by));
      }
    });
    this.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch") {
        return;
      }
      const [x, y, left, top] = [event.clientX, event.clientY, this.scrollLeft, this.scrollTop];
      const move = (to) => this.scrollTo(left + x - to.clientX, top + y - to.clientY);
      addEventListener("pointermove", move);
      addEventListener("pointerup", () => removeEventListener("pointermove", move), { once: true });
    });
  }

  #to(zoom, x, y) {
    const box = this.getBoundingClientRect();
    const [atX, atY] = [(x ?? box.left + box.width / 2) - box.left, (y ?? box.top + box.height / 2) - box.top];
    const next = Math.min(Math.max(zoom, 0.5), 6);
    const by = next / this.#zoom;
    this.#zoom = next;
    this.style.setProperty("--zoom", next);
    this.scrollTo((this.scrollLeft + atX) * by - atX, (this.scrollTop + atY) * by - atY);
  }
});
