// Pictures drawn by the pages: moving about in charts, saving pictures to a file, and looking closer.
(() => {
  // The tip of a mark: at once, beside it, from what stands on it.
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true"); // the mark's own name says the same

  const part = (name, text, to, look) => {
    const element = document.createElement(name);
    element.textContent = text;
    if (look) {
      element.style.background = look;
    }
    to.append(element);
    return element;
  };

  const hide = () => tip.remove();

  const show = (mark, x) => {
    const chart = mark.closest(".chart");
    const values = mark.dataset.values?.split("\t") ?? [];
    const names = [...chart.dataset.series.split("\t"), `none ${chart.dataset.total ?? ""}`];
    tip.replaceChildren();
    part("b", mark.dataset.tip, tip);
    const list = values.length > 0 && part("dl", "", tip);
    values.forEach((value, at) => {
      const [color, ...name] = names[at].split(" ");
      part("i", "", list, color);
      part("dt", name.join(" "), list);
      part("dd", value, list);
    });
    document.body.append(tip);

    const box = mark.getBoundingClientRect();
    const wide = box.width > 160;
    const at = x ?? box.left + 40;
    const right = wide ? at + 14 : box.right + 8;
    const left = right + tip.offsetWidth < innerWidth - 8 ? right : wide ? innerWidth - 8 - tip.offsetWidth : box.left - 8 - tip.offsetWidth;
    const below = wide ? box.bottom + 6 : Math.max(box.top, 8) + 2;
    const top = below + tip.offsetHeight < innerHeight - 8 ? below : wide ? box.top - 6 - tip.offsetHeight : innerHeight - 8 - tip.offsetHeight;
    tip.style.left = `${Math.max(left, 8)}px`;
    tip.style.top = `${Math.max(top, 8)}px`;
  };

  document.addEventListener("pointerover", (event) => {
    const mark = event.target.closest?.(".chart [data-tip]");
    if (mark) {
      show(mark, event.clientX);
    } else {
      hide();
    }
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(".chart [data-tip]:focus-visible")) {
      show(event.target);
    }
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("click", hide);
  document.addEventListener("scroll", hide, { capture: true, passive: true });

  // A chart is one stop for the Tab key; arrow keys move between its marks, which are links of their own.
  document.addEventListener("keydown", (event) => {
    const chart = event.target.closest?.(".chart");
    if (!chart || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const marks = [...chart.querySelectorAll(".mark")];
    const at = marks.indexOf(event.target);
    const row = Number(chart.dataset.columns ?? 1);
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row }[event.key];
    if (event.key === "Escape" && at >= 0) {
      chart.focus();
    } else if (event.key === "Home" || event.key === "End" || by !== undefined) {
      event.preventDefault();
      const to = event.key === "Home" ? 0 : event.key === "End" ? marks.length - 1 : at < 0 ? (by > 0 ? 0 : marks.length - 1) : at + by;
      marks[to]?.focus();
    }
  });
})();

// Days that were typed count with Enter, too, not only once the field is left.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches?.("[data-filter=days] input")) {
    event.target.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

(() => {
  // What style sheets say about a drawing has to travel with it.
  const kept = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity",
    "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline", "vector-effect"];
  const svgNamespace = "http://www.w3.org/2000/svg";
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  // Colours mixed by the browser are written in words that few programs for pictures know.
  const plain = (color) => {
    if (!/^(color|oklab|oklch|lab|lch)\(/.test(color)) {
      return color;
    }
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
  };

  const fontOf = (style) => `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;

  const element = (name, attributes) => {
    const made = document.createElementNS(svgNamespace, name);
    for (const [key, value] of Object.entries(attributes)) {
      made.setAttribute(key, value);
    }
    return made;
  };

  const withStyle = (svg) => {
    const copy = svg.cloneNode(true);
    const from = [svg, ...svg.querySelectorAll("*")];
    [copy, ...copy.querySelectorAll("*")].forEach((element, at) => {
      const style = getComputedStyle(from[at]);
      element.removeAttribute("style");
      for (const name of kept) {
        element.style.setProperty(name, plain(style.getPropertyValue(name)));
      }
      element.removeAttribute("class");
      delete element.dataset.tip;
      delete element.dataset.values;
    });
    return copy;
  };

  // The words of a text as they stand on the screen: line by line, and cut where they are cut there.
  const lines = (node, style) => {
    const range = document.createRange();
    const limit = node.parentElement.closest(".clip")?.getBoundingClientRect().right ?? Infinity;
    const found = [];
    canvas.font = fontOf(style);
    for (const word of node.data.matchAll(/\S+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const box = range.getBoundingClientRect();
      if (box.width === 0 || box.left >= limit) {
        break;
      }
      const fits = box.right <= limit + 0.5;
      const share = Math.max(Math.floor((limit - box.left) / box.width * word[0].length) - 1, 0);
      const text = fits ? word[0] : word[0].slice(0, share) + "…";
      const last = found.at(-1);
      if (last && Math.abs(last.top - box.top) < 2) {
        Object.assign(last, { text: `${last.text} ${text}`, right: Math.min(box.right, limit) });
      } else {
        found.push({ text, left: box.left, right: Math.min(box.right, limit), top: box.top, height: box.height });
      }
      if (!fits) {
        break;
      }
    }
    return found;
  };

  // A picture made of HTML, drawn again as one of SVG: grounds, drawings and words where they are now.
  const drawn = (root) => {
    const origin = root.getBoundingClientRect();
    const [width, height] = [Math.ceil(origin.width), Math.ceil(origin.height)];
    const svg = element("svg", { xmlns: svgNamespace, width, height, viewBox: `0 0 ${width} ${height}` });
    const walk = (node) => {
      if (node.nodeType === Node.TEXT_NODE) {
        const style = getComputedStyle(node.parentElement);
        const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = (canvas.font = fontOf(style), canvas.measureText("x"));
        for (const line of lines(node, style)) {
          const anchor = { right: "end", end: "end", center: "middle" }[style.textAlign] ?? "start";
          const x = { end: line.right, middle: (line.left + line.right) / 2, start: line.left }[anchor] - origin.left;
          const text = element("text", { x: x.toFixed(1), y: (line.top - origin.top + (line.height - up - down) / 2 + up).toFixed(1) });
          // Other programs may not have the font: the words keep their width whatever they are set in.
          text.setAttribute("textLength", (line.right - line.left).toFixed(1));
          text.setAttribute("lengthAdjust", "spacingAndGlyphs");
          text.style.cssText = `fill: ${plain(style.color)}; text-anchor: ${anchor}`;
          for (const name of ["font-family", "font-size", "font-weight"]) {
            text.style.setProperty(name, style.getPropertyValue(name));
          }
          text.textContent = line.text;
          svg.append(text);
        }
        return;
      }
      if (node.nodeType !== Node.ELEMENT_NODE) {
        return;
      }
      const style = getComputedStyle(node);
      if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") {
        return;
      }
      const box = node.getBoundingClientRect();
      const at = { x: box.left - origin.left, y: box.top - origin.top, width: box.width, height: box.height };
      if (node instanceof SVGSVGElement) {
        const copy = withStyle(node);
        for (const [key, value] of Object.entries({ ...at, overflow: "visible" })) {
          copy.setAttribute(key, value);
        }
        svg.append(copy);
        return;
      }
      const outlined = style.outlineStyle !== "none" && node.matches(".peak");
      if (!/, 0\)$|transparent/.test(style.backgroundColor) || outlined) {
        const ground = element("rect", { ...at, rx: parseFloat(style.borderTopLeftRadius) || 0 });
        ground.style.fill = plain(style.backgroundColor);
        if (outlined) {
          ground.style.stroke = plain(style.outlineColor);
          ground.style.strokeWidth = style.outlineWidth;
        }
        svg.append(ground);
      }
      node.childNodes.forEach(walk);
    };
    walk(root);
    return { svg, width, height };
  };

  const standalone = (picture) => {
    if (!(picture instanceof SVGSVGElement)) {
      return drawn(picture);
    }
    const svg = withStyle(picture);
    const box = picture.viewBox.baseVal;
    const [width, height] = [box.width || picture.clientWidth, box.height || picture.clientHeight];
    svg.setAttribute("xmlns", svgNamespace);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    const paper = element("rect", { width: "100%", height: "100%", fill: getComputedStyle(picture.closest(".picture") ?? document.body).backgroundColor });
    svg.prepend(paper);
    return { svg, width, height };
  };

  const download = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  const save = (picture, name) => {
    const { svg, width, height } = standalone(picture);
    const text = new XMLSerializer().serializeToString(svg);
    if (name.endsWith(".svg")) {
      download(new Blob([text], { type: "image/svg+xml" }), name);
      return;
    }
    const image = new Image();
    image.onload = () => {
      const paper = document.createElement("canvas");
      paper.width = width * 2;
      paper.height = height * 2;
      paper.getContext("2d").drawImage(image, 0, 0, paper.width, paper.height);
      paper.toBlob((png) => download(png, name), "image/png");
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
  };

  // <button data-save="name.svg" data-of="#picture">: a drawing, or a panel with a chart in it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-save]");
    const picture = button && document.querySelector(button.dataset.of);
    if (picture) {
      save(picture, button.dataset.save);
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
