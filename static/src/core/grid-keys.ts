/* Keys while many items are shown at once. They stand above the page's own. */

import { wholeKeys, wholeQuestions } from "./answer-keys";
import { ask } from "./dialogs";
import { may } from "./flow";
import type { Key } from "./i18n";
import { gridOf } from "./item-grid";
import type { Binding } from "./keys";
import type { Session } from "./session";

export function gridBindings(session: Session): Binding[] {
  const grid = gridOf(session);
  const key = (keys: string[], text: Key | null, run: () => void, repeat = false): Binding => ({
    keys,
    text,
    repeat,
    run,
  });
  const move = (name: string, text: Key | null, by: () => number): Binding[] => [
    key([name], text, () => grid.move(by()), true),
    key([`shift+${name}`], null, () => grid.move(by(), true), true),
  ];
  /** What needs an item of its own: it is opened first. */
  const alone = (keys: string[], text: Key, run: () => void): Binding =>
    key(keys, text, () => {
      grid.leave();
      run();
    });
  const labeling = session.mode === "labeling";
  const questions = wholeQuestions(session);
  const hotkeys = wholeKeys(session);
  const answers = questions.flatMap((question) =>
    (hotkeys.get(question.questionId) ?? [])
      .filter(({ run }) => !run)
      .map(
        (hotkey): Binding => ({
          keys: [hotkey.key],
          text: null,
          label: hotkey.text,
          when: () => labeling && session.active,
          run: () => {
            grid.answer(question, hotkey.apply);
            if (hotkey.completes && questions.length === 1) grid.goOn();
          },
        }),
      ),
  );
  return [
    ...answers,
    ...move("ArrowLeft", "grid.move", () => -1),
    ...move("ArrowRight", null, () => 1),
    ...move("ArrowUp", null, () => -grid.columns.peek()),
    ...move("ArrowDown", null, () => grid.columns.peek()),
    key(["Space"], "grid.choose", () => grid.choose(grid.focus.peek())),
    key(["mod+a"], "grid.chooseAll", () => grid.chooseAll()),
    key(["o"], "grid.chooseOpen", () => grid.chooseOpen()),
    key(["Escape"], "grid.chooseNone", () => {
      if (grid.chosen.peek().size > 0) grid.chooseNone();
      else grid.leave();
    }),
    key(["d", "PageDown"], "grid.nextPage", () => grid.turn(1), true),
    key(["a", "PageUp"], "grid.prevPage", () => grid.turn(-1), true),
    key(["u"], "item.nextOpen", () => grid.nextOpen()),
    key(["Enter"], "grid.open", () => grid.leave()),
    key(["z", "mod+z"], "edit.undo", () => grid.undo(), true),
    key(["shift+z", "mod+shift+z", "mod+y"], "edit.redo", () => grid.redo(), true),
    ...(labeling ? [alone(["x"], "item.abandon", () => ask("abandon"))] : []),
    ...(session.inspecting
      ? [
          key(["p"], "verdict.pass", () => grid.pass()),
          alone(["r"], "verdict.reject", () => ask("reject")),
          alone(["m"], "verdict.modify", () => undefined),
        ]
      : []),
    ...(session.mode === "read" ? [] : [alone(["s", "F2"], "flag.action", () => ask("flag"))]),
    key(["mod+Enter"], null, () => may(session, "submit", () => ask("submit"))),
  ];
}
