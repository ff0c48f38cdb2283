// The SQL editor: Monaco where it serves, a plain text box where it does not (touch screens, or when its files do not come).
const home = new URL("_content/BlazorMonaco/lib/monaco-editor/min/vs", document.baseURI).href;
const language = "warehouse-sql";
// What is completed besides names.
const words = ("select from where group by order having limit offset join left right full inner cross on using union all except intersect with as distinct "
  + "case when then else end and or not in is null like ilike between exists asc desc over partition within filter nulls first last true false interval explain "
  + "count sum avg min max coalesce nullif cast extract date_trunc round lower upper substring length row_number rank").split(" ");
// What is written in the colour of keywords: what the servers reserve, and what else has a meaning only in the grammar.
const keywords = ("all analyse analyze and any array as asc asymmetric at between both by case cast collate cross cube current_date current_role current_schema "
  + "current_time current_timestamp current_user cursor default desc distinct do else end escape except exclude exists explain extract false fetch filter following "
  + "for freeze from full group grouping having ilike in inner intersect interval into is isnull join lateral leading left like limit localtime localtimestamp "
  + "materialized natural not notnull null nulls of offset on only or order ordinality outer over overlaps partition placing preceding qualify range recursive "
  + "respect returning right rollup rows select session_user sets similar some symmetric table tablesample then ties to top trailing true unbounded union unique "
  + "user using values variadic verbose when where window with within without "
  + "alter begin commit copy create delete drop grant insert revoke rollback set truncate update vacuum").split(" ");
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
  const [ink, quiet, accent, soft, spark, surface, raised, line] =
    ["--ink", "--quiet", "--accent", "--accent-soft", "--spark", "--surface", "--neutral-soft", "--line"].map(color);
  const rule = (token, paint, fontStyle = "") => ({ token, foreground: paint.slice(1), fontStyle });
  monaco.editor.defineTheme("sparkify", {
    base: dark ? "vs-dark" : "vs",
    inherit: true,
    rules: [
      rule("", ink), rule("comment", quiet), rule("keyword", accent), rule("string", spark), rule("number", spark), rule("operator", ink), rule("delimiter", ink),
      rule("identifier", ink), rule("parameter", accent, "underline"),
    ],
    colors: {
      "editor.background": surface, "editor.foreground": ink, "editorLineNumber.foreground": quiet, "editorLineNumber.activeForeground": ink, "editorCursor.foreground": ink,
      "editor.lineHighlightBackground": raised + "80", "editor.lineHighlightBorder": surface + "00", "editor.selectionBackground": accent + "40",
      "editor.inactiveSelectionBackground": accent + "26", "editor.selectionHighlightBackground": accent + "1f", "editor.wordHighlightBackground": accent + "1f",
      "editorBracketMatch.background": soft, "editorBracketMatch.border": accent,
      "editorWidget.background": surface, "editorWidget.foreground": ink, "editorWidget.border": line, "editorHoverWidget.background": surface, "editorHoverWidget.border": line,
      "editorSuggestWidget.background": surface, "editorSuggestWidget.border": line, "editorSuggestWidget.foreground": ink, "editorSuggestWidget.highlightForeground": accent,
      "editorSuggestWidget.focusHighlightForeground": accent, "editorSuggestWidget.selectedBackground": soft, "editorSuggestWidget.selectedForeground": ink,
      "list.hoverBackground": raised, "focusBorder": accent,
    },
  });
  monaco.editor.setTheme("sparkify");
};

// Which table an alias stands for, as far as the text tells.
const aliases = (text) => {
  const found = new Map(tables.map((table) => [table.name, table]));
  for (const [, name, alias] of text.matchAll(/\b(?:from|join)\s+(?:\w+\.)?(\w+)(?:\s+(?:as\s+)?(\w+))?/gi)) {
    const table = tables.find((t) => t.name === name.toLowerCase());
    if (table && alias && !words.includes(alias.toLowerCase())) {
      found.set(alias.toLowerCase(), table);
    }
  }
  return found;
};

const define = (monaco) => {
  monaco.languages.register({ id: language });
  const pairs = [["(", ")"], ["[", "]"], ["'", "'"], ['"', '"']].map(([open, close]) => ({ open, close }));
  monaco.languages.setLanguageConfiguration(language, {
    comments: { lineComment: "--", blockComment: ["/*", "*/"] }, brackets: [["(", ")"], ["[", "]"]], autoClosingPairs: pairs, surroundingPairs: pairs,
  });
  monaco.languages.setMonarchTokensProvider(language, {
    ignoreCase: true,
    keywords,
    tokenizer: {
      root: [
        [/--.*/, "comment"], [/\/\*/, "comment", "@comment"],
        [/\{\{\s*\w+\s*\}\}/, "parameter"],
        [/e'/, "string", "@escaped"], [/'/, "string", "@string"], [/"/, "identifier", "@name"], [/\$(\w*)\$/, { token: "string", next: "@dollar.$1" }],
        [/\d+(?:\.\d*)?(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?/, "number"],
        [/nulls\s+(?:first|last)\b|at\s+time\s+zone\b/, "keyword"],
        [/[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/, { cases: { "@keywords": "keyword", "@default": "identifier" } }],
        [/[;,.()[\]]/, "delimiter"], [/[<>=!%&+\-*/|~^:]/, "operator"],
      ],
      comment: [[/\/\*/, "comment", "@push"], [/\*\//, "comment", "@pop"], [/[^*/]+|./, "comment"]],
      string: [[/[^']+|''/, "string"], [/'/, "string", "@pop"]],
      escaped: [[/[^'\\]+|\\.|''/, "string"], [/'/, "string", "@pop"]],
      name: [[/[^"]+|""/, "identifier"], [/"/, "identifier", "@pop"]],
      dollar: [[/\$(\w*)\$/, { cases: { "$1==$S2": { token: "string", next: "@pop" }, "@default": "string" } }], [/[^$]+|./, "string"]],
    },
  });
  const kinds = monaco.languages.CompletionItemKind;
  monaco.languages.registerCompletionItemProvider(language, {
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
      const others = words.map((label) => ({ label, kind: kinds.Keyword, insertText: label, range, sortText: "2" + label }));
      return { suggestions: [...columns, ...named, ...others] };
    },
  });
};

// The plain box as an editor.
const plain = (box, changed) => {
  box.addEventListener("input", changed);
  const replace = (from, to, text) => {
    box.setRangeText(text, from, to, "end");
    box.focus();
    changed();
  };
  return {
    text: () => box.value,
    selection: () => [box.selectionStart, box.selectionEnd],
    show: (_, text) => { box.value = text; },
    drop: () => {},
    set: (text) => replace(0, box.value.length, text),
    insert: (text) => replace(box.selectionStart, box.selectionEnd, text),
    focus: () => box.focus(),
    mark: (line, at) => {
      const start = box.value.split("\n").slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0) + at - 1;
      box.focus();
      box.setSelectionRange(start, start + 1);
    },
    dispose: () => {},
  };
};

// Monaco, with a model for each tab: each has its own past to undo.
const rich = async (host, box, page, changed) => {
  const monaco = await load();
  if (!host.isConnected) {
    return null;
  }
  theme(monaco);
  const editor = monaco.editor.create(host, {
    model: null, automaticLayout: true, minimap: { enabled: false }, fontSize: 13, lineHeight: 22, fontFamily: getComputedStyle(box).fontFamily, scrollBeyondLastLine: false,
    wordWrap: "on", lineNumbersMinChars: 3, lineDecorationsWidth: 8, folding: false, padding: { top: 8, bottom: 8 }, fixedOverflowWidgets: true,
    ariaLabel: box.getAttribute("aria-label"), wordBasedSuggestions: false, overviewRulerLanes: 0, hideCursorInOverviewRuler: true, overviewRulerBorder: false,
    bracketPairColorization: { enabled: false }, scrollbar: { alwaysConsumeMouseWheel: false },
  });
  document.fonts?.ready.then(() => monaco.editor.remeasureFonts());
  box.hidden = true;
  editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => page.invokeMethodAsync("RunAsync"));
  editor.onDidChangeModelContent(() => {
    monaco.editor.setModelMarkers(editor.getModel(), "sparkify", []);
    changed();
  });
  const look = new MutationObserver(() => theme(monaco));
  look.observe(document.documentElement, { attributeFilter: ["data-scheme"] });
  const models = new Map();
  const replace = (range, text) => {
    editor.pushUndoStop();
    editor.executeEdits("sparkify", [{ range, text, forceMoveMarkers: true }]);
    editor.pushUndoStop();
    editor.focus();
  };
  return {
    text: () => editor.getModel()?.getValue() ?? "",
    selection: () => {
      const [model, chosen] = [editor.getModel(), editor.getSelection()];
      return chosen ? [model.getOffsetAt(chosen.getStartPosition()), model.getOffsetAt(chosen.getEndPosition())] : [0, 0];
    },
    show: (tab, text) => {
      if (!models.has(tab)) {
        models.set(tab, { model: monaco.editor.createModel(text, language), view: null });
      }
      const before = [...models.values()].find((one) => one.model === editor.getModel());
      if (before) {
        before.view = editor.saveViewState();
      }
      const { model, view } = models.get(tab);
      editor.setModel(model);
      if (view) {
        editor.restoreViewState(view);
      }
    },
    drop: (tab) => {
      models.get(tab)?.model.dispose();
      models.delete(tab);
    },
    set: (text) => replace(editor.getModel().getFullModelRange(), text),
    insert: (text) => replace(editor.getSelection(), text),
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
      models.forEach(({ model }) => model.dispose());
      editor.dispose();
    },
  };
};

// What the page holds. It says which tabs there are; their texts are the browser's, which keeps both beyond the page.
export const create = async (host, page, place) => {
  const box = host.querySelector("textarea");
  const key = `sparkify.query.${place}`;
  const stored = () => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      // Nothing is kept, or nothing may be.
      return null;
    }
  };
  const kept = stored();
  // The tabs this window has or had. Those of other windows stay in the store as they are.
  const ours = new Set(kept?.tabs.map((tab) => tab.id));
  let book = { open: null, tabs: [] };
  let editor = null;
  let showing = false;
  let timer = 0;
  const keep = () => {
    try {
      const theirs = stored()?.tabs.filter((tab) => !ours.has(tab.id)) ?? [];
      localStorage.setItem(key, JSON.stringify({ ...book, tabs: [...book.tabs, ...theirs] }));
    } catch {
      // Private windows may refuse; the tabs then last as long as the page.
    }
  };
  const current = () => book.tabs.find((tab) => tab.id === book.open);
  // In the page's hands at once, in the server's and in the store after a pause.
  const changed = () => {
    const tab = current();
    if (showing || !tab) {
      return;
    }
    tab.sql = editor.text();
    box.value = tab.sql;
    clearTimeout(timer);
    timer = setTimeout(() => {
      keep();
      page.invokeMethodAsync("ChangedAsync", tab.id, tab.sql);
    }, 250);
  };
  const leave = () => book.tabs.length && keep();
  addEventListener("pagehide", leave);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      page.invokeMethodAsync("RunAsync");
    }
  });
  if (!matchMedia("(pointer: coarse)").matches) {
    try {
      editor = await rich(host.querySelector("div"), box, page, changed);
    } catch (error) {
      console.warn("The SQL editor did not load; the plain one stays.", error);
    }
  }
  host.dataset.ready = editor ? "rich" : "plain";
  editor ??= plain(box, changed);
  return {
    kept: () => kept,
    arrange: (tabs, open) => {
      for (const gone of book.tabs.filter((tab) => !tabs.some((one) => one.id === tab.id))) {
        editor.drop(gone.id);
      }
      const before = book.open;
      tabs.forEach((tab) => ours.add(tab.id));
      book = { open, tabs: tabs.map((tab) => ({ ...tab, sql: book.tabs.find((one) => one.id === tab.id)?.sql ?? tab.sql })) };
      if (open !== before) {
        showing = true;
        editor.show(open, current().sql);
        box.value = current().sql;
        showing = false;
      }
      keep();
    },
    read: () => {
      const [from, to] = editor.selection();
      return { text: editor.text(), from, to };
    },
    set: (text) => editor.set(text),
    insert: (text) => editor.insert(text),
    focus: () => editor.focus(),
    mark: (line, at, message) => editor.mark(line, at, message),
    tables: (known) => { tables = known; },
    dispose: () => {
      clearTimeout(timer);
      removeEventListener("pagehide", leave);
      leave();
      editor.dispose();
    },
  };
};

// Columns of a result: the edge of a heading is drawn, or moved with Alt and the arrow keys.
const widen = (heading, by) => {
  const column = heading.closest("table").querySelectorAll("col")[heading.cellIndex];
  column.style.width = `${Math.max(48, heading.offsetWidth + by)}px`;
};
document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.(".grip");
  if (!grip) {
    return;
  }
  event.preventDefault();
  let last = event.clientX;
  const move = (now) => {
    widen(grip.closest("th"), now.clientX - last);
    last = now.clientX;
  };
  grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", move);
  grip.addEventListener("lostpointercapture", () => grip.removeEventListener("pointermove", move), { once: true });
});
document.addEventListener("keydown", (event) => {
  const by = event.altKey && { ArrowLeft: -16, ArrowRight: 16 }[event.key];
  const heading = by && event.target.closest?.("[data-testid=result-grid] th");
  if (heading) {
    event.preventDefault();
    widen(heading, by);
  }
});

// To the clipboard; whether it may.
export const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};
