// The SQL editor: Monaco where it serves, a plain text box where it does not (touch screens, or when its files do not come).
const home = new URL("_content/BlazorMonaco/lib/monaco-editor/min/vs", document.baseURI).href;
const draft = "sparkify.sql";
const keywords = ("select from where group by order having limit offset join left right full inner cross on using union all except intersect with as distinct "
  + "case when then else end and or not in is null like ilike between exists asc desc over partition count sum avg min max coalesce nullif cast extract date_trunc "
  + "round lower upper left substring length row_number rank true false interval explain").split(" ");
let tables = [];
let loading = null;

const script = (src) => new Promise((done, failed) => {
  const element = document.createElement("script");
  element.src = src;
  element.onload = done;
  element.onerror = () => failed(new Error(`${src} did not load`));
  document.head.append(element);
});

const load = () => loading ??= (async () => {
  await script(`${home}/loader.js`);
  globalThis.require.config({ paths: { vs: home } });
  await new Promise((done, failed) => globalThis.require(["vs/editor/editor.main"], done, failed));
  define(globalThis.monaco);
  return globalThis.monaco;
})();

const color = (name) => {
  // Monaco takes hexadecimal colours only; the style sheet's may be anything.
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  probe.remove();
  return "#" + [r, g, b].map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");
};

const theme = (monaco) => {
  const dark = document.documentElement.dataset.scheme === "dark";
  monaco.editor.defineTheme("sparkify", {
    base: dark ? "vs-dark" : "vs",
    inherit: true,
    rules: [{ token: "comment", foreground: color("--quiet").slice(1) }],
    colors: { "editor.background": color("--surface"), "editorLineNumber.foreground": color("--quiet"), "editor.lineHighlightBackground": color("--raised") },
  });
  monaco.editor.setTheme("sparkify");
};

// Which table an alias stands for, as far as the text tells.
const aliases = (text) => {
  const found = new Map(tables.map((table) => [table.name, table]));
  for (const [, name, alias] of text.matchAll(/\b(?:from|join)\s+(?:\w+\.)?(\w+)(?:\s+(?:as\s+)?(\w+))?/gi)) {
    const table = tables.find((t) => t.name === name.toLowerCase());
    if (table && alias && !keywords.includes(alias.toLowerCase())) {
      found.set(alias.toLowerCase(), table);
    }
  }
  return found;
};

const define = (monaco) => {
  const kinds = monaco.languages.CompletionItemKind;
  monaco.languages.registerCompletionItemProvider("pgsql", {
    triggerCharacters: ["."],
    provideCompletionItems: (model, position) => {
      const word = model.getWordUntilPosition(position);
      const range = { startLineNumber: position.lineNumber, endLineNumber: position.lineNumber, startColumn: word.startColumn, endColumn: word.endColumn };
      const before = model.getLineContent(position.lineNumber).slice(0, word.startColumn - 1);
      const known = aliases(model.getValue());
      const column = (table) => (one) => ({
        label: one.name, kind: kinds.Field, insertText: one.name, detail: `${one.type} · ${table.name}`, documentation: one.meaning, range, sortText: "1" + one.name,
      });
      const dotted = /(\w+)\.$/.exec(before);
      const table = dotted && known.get(dotted[1].toLowerCase());
      if (table) {
        return { suggestions: table.columns.map(column(table)) };
      }
      const named = tables.map((table) => ({
        label: table.name, kind: kinds.Class, insertText: table.name, detail: "table", documentation: table.meaning, range, sortText: "0" + table.name,
      }));
      if (/\b(?:from|join)\s+(?:\w+\.)?$/i.test(before)) {
        return { suggestions: named };
      }
      if (dotted) {
        return { suggestions: [] };
      }
      const text = model.getValue().toLowerCase();
      const used = tables.filter((table) => new RegExp(`\\b${table.name}\\b`).test(text));
      const columns = (used.length ? used : tables).flatMap((table) => table.columns.map(column(table)));
      const words = keywords.map((label) => ({ label, kind: kinds.Keyword, insertText: label, range, sortText: "2" + label }));
      return { suggestions: [...columns, ...named, ...words] };
    },
  });
};

const rich = async (host, box, page, changed) => {
  const monaco = await load();
  if (!host.isConnected) {
    return null;
  }
  theme(monaco);
  const editor = monaco.editor.create(host, {
    value: box.value, language: "pgsql", automaticLayout: true, minimap: { enabled: false }, fontSize: 14, scrollBeyondLastLine: false, wordWrap: "on",
    lineNumbersMinChars: 3, padding: { top: 8, bottom: 8 }, fixedOverflowWidgets: true, ariaLabel: box.getAttribute("aria-label"), tabFocusMode: false,
    wordBasedSuggestions: false, overviewRulerLanes: 0, hideCursorInOverviewRuler: true, overviewRulerBorder: false, scrollbar: { alwaysConsumeMouseWheel: false },
  });
  box.hidden = true;
  editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => page.invokeMethodAsync("RunAsync"));
  editor.onDidChangeModelContent(() => {
    box.value = editor.getValue();
    monaco.editor.setModelMarkers(editor.getModel(), "sparkify", []);
    changed();
  });
  const look = new MutationObserver(() => theme(monaco));
  look.observe(document.documentElement, { attributeFilter: ["data-scheme"] });
  return {
    set: (text) => editor.setValue(text),
    focus: () => editor.focus(),
    mark: (line, at, message) => {
      const model = editor.getModel();
      const word = model.getWordAtPosition({ lineNumber: line, column: at });
      monaco.editor.setModelMarkers(model, "sparkify", [{
        startLineNumber: line, endLineNumber: line, startColumn: word?.startColumn ?? at, endColumn: word?.endColumn ?? at + 1, message, severity: monaco.MarkerSeverity.Error,
      }]);
      editor.revealPositionInCenterIfOutsideViewport({ lineNumber: line, column: at });
      editor.setPosition({ lineNumber: line, column: at });
    },
    dispose: () => {
      look.disconnect();
      editor.getModel()?.dispose();
      editor.dispose();
    },
  };
};

// What the page holds: the text is always in the box, whatever shows it.
export const create = async (host, page, text) => {
  const box = host.querySelector("textarea");
  let timer = 0;
  const keep = () => {
    clearTimeout(timer);
    timer = setTimeout(() => sessionStorage.setItem(draft, box.value), 300);
  };
  box.value = text ?? sessionStorage.getItem(draft) ?? box.value;
  box.addEventListener("input", keep);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      page.invokeMethodAsync("RunAsync");
    }
  });
  let editor = null;
  if (!matchMedia("(pointer: coarse)").matches) {
    try {
      editor = await rich(host.querySelector("div"), box, page, keep);
    } catch (error) {
      console.warn("The SQL editor did not load; the plain one stays.", error);
    }
  }
  host.dataset.ready = editor ? "rich" : "plain";
  return {
    text: () => box.value,
    set: (value) => {
      if (editor) {
        editor.set(value);
        editor.focus();
      } else {
        box.value = value;
        box.focus();
      }
      keep();
    },
    mark: (line, at, message) => {
      if (editor) {
        editor.mark(line, at, message);
      } else {
        const start = box.value.split("\n").slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0) + at - 1;
        box.focus();
        box.setSelectionRange(start, start + 1);
      }
    },
    tables: (known) => { tables = known; },
    dispose: () => {
      clearTimeout(timer);
      editor?.dispose();
    },
  };
};
