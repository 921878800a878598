/* Keys of a text: reading it, its spans, and the caret by which spans are made without a mouse. */

import { batch } from "@preact/signals";
import type { Binding } from "../core/keys";
import { settings } from "../core/settings";
import type { Unit } from "../surfaces/text/words";
import { hiddenAll, hiddenIds, toggleHidden } from "./compare";
import type { TextView } from "./text-view";

/** Keys that are in force while the caret is off, and those of chosen spans. */
export function textKeys(view: TextView): Binding[] {
  return [...(view.questions.length > 0 ? spanKeys(view) : []), ...readingKeys(view)];
}

function readingKeys(view: TextView): Binding[] {
  const { scroller } = view.surface;
  const scroll = (keys: string[], text: Binding["text"], by: () => number): Binding => ({
    keys,
    text,
    repeat: true,
    run: () => scroller.scrollBy({ top: by() }),
  });
  const page = () => scroller.clientHeight * 0.9;
  return [
    scroll(["ArrowDown"], "text.down", () => 60),
    scroll(["ArrowUp"], "text.up", () => -60),
    scroll(["PageDown", "Space"], null, page),
    scroll(["PageUp", "shift+Space"], null, () => -page()),
    { keys: ["f", "mod+f"], text: "text.search", run: () => view.openSearch() },
    {
      keys: ["Escape"],
      text: null,
      when: () => view.search.peek() !== null,
      run: () => view.closeSearch(),
    },
  ];
}

function spanKeys(view: TextView): Binding[] {
  const { session } = view;
  const chosen = () => session.selected.peek() !== null;
  const held = () => view.held !== null;
  const end = (
    key: string,
    text: Binding["text"],
    which: "start" | "end" | "both",
    by: 1 | -1,
  ): Binding[] =>
    (["word", "character"] as const).map((unit) => ({
      keys: [unit === "word" ? key : `alt+${key}`],
      text: unit === "word" ? text : null,
      when: held,
      repeat: true,
      run: () => view.moveEnd(which, unit, by),
    }));
  return [
    { keys: ["n"], text: "text.caret", run: () => view.turnOn() },
    { keys: ["o"], text: "text.occurrences", when: held, run: () => view.searchOccurrences() },
    { keys: ["w"], text: "text.snap", when: () => view.marks, run: () => view.changeUnit() },
    ...end("]", "text.endOn", "end", 1),
    ...end("}", "text.endBack", "end", -1),
    ...end("[", "text.startBack", "start", -1),
    ...end("{", "text.startOn", "start", 1),
    ...([1, -1] as const).map(
      (by): Binding => ({
        keys: [by > 0 ? "alt+ArrowRight" : "alt+ArrowLeft"],
        text: by > 0 ? "text.move" : null,
        when: held,
        repeat: true,
        run: () => view.moveEnd("both", "character", by),
      }),
    ),
    {
      keys: ["Delete", "Backspace"],
      text: "region.delete",
      when: () => view.marks && chosen(),
      run: () => view.remove(),
    },
    {
      keys: ["Escape"],
      text: "keys.deselect",
      when: () => view.search.peek() === null && chosen(),
      run: () => session.selected.clear(),
    },
    { keys: ["h"], text: "tool.hideAll", run: hideAll },
    {
      keys: ["shift+h"],
      text: "region.hideOne",
      when: chosen,
      run: () => toggleHidden(session.selected.peek() as string),
    },
    {
      keys: ["t"],
      text: "tool.texts",
      run: () => {
        settings.texts.value = !settings.texts.peek();
      },
    },
  ];
}

function hideAll(): void {
  batch(() => {
    hiddenAll.value = !hiddenAll.peek();
    if (!hiddenAll.peek()) hiddenIds.value = new Set();
  });
}

/** Keys while the caret is on. With Shift what it passes is marked. */
export function caretKeys(view: TextView): Binding[] {
  const { caret, session } = view;
  const on = () => caret.on.peek();
  const go = (
    key: string,
    text: Binding["text"],
    unit: Unit,
    move: (extend: boolean) => void,
  ): Binding[] =>
    [false, true].map((extend) => ({
      keys: [extend ? withShift(key) : key],
      text: extend ? null : text,
      when: () => on() && (!extend || view.marks),
      repeat: true,
      run: () => {
        if (session.selected.peek() !== null) session.selected.clear();
        move(extend);
        view.tell(unit);
      },
    }));
  const { surface } = view;
  return [
    ...go("ArrowLeft", "caret.character", "character", (x) => caret.across("character", -1, x)),
    ...go("ArrowRight", null, "character", (x) => caret.across("character", 1, x)),
    ...go("mod+ArrowLeft", "caret.word", "word", (x) => caret.across("word", -1, x)),
    ...go("mod+ArrowRight", null, "word", (x) => caret.across("word", 1, x)),
    ...go("mod+ArrowUp", "caret.sentence", "sentence", (x) => caret.along("sentence", -1, x)),
    ...go("mod+ArrowDown", null, "sentence", (x) => caret.along("sentence", 1, x)),
    ...go("ArrowUp", "caret.line", "word", (x) => caret.line(-1, x)),
    ...go("ArrowDown", null, "word", (x) => caret.line(1, x)),
    ...go("Home", "caret.lineEnds", "word", (x) => caret.lineEnd(-1, x)),
    ...go("End", null, "word", (x) => caret.lineEnd(1, x)),
    ...go("mod+Home", "caret.textEnds", "word", (x) => caret.put(0, x)),
    ...go("mod+End", null, "word", (x) => caret.put(surface.text.length, x)),
    {
      keys: ["Enter"],
      text: "caret.make",
      when: () => view.marks && caret.marked.peek() !== null,
      run: () => view.make(),
    },
    { keys: ["Space"], text: "caret.choose", when: on, run: () => view.chooseAtCaret() },
    {
      keys: ["Escape"],
      text: "caret.off",
      when: () => on() && view.search.peek() === null,
      run: () => {
        if (caret.marked.peek()) caret.unmark();
        else if (session.selected.peek() !== null) session.selected.clear();
        else caret.put(null);
      },
    },
  ];
}

/** The name of a key with Shift, which stands after `mod+`. */
function withShift(key: string): string {
  return key.startsWith("mod+") ? `mod+shift+${key.slice(4)}` : `shift+${key}`;
}
