/* Keys of the page itself: moving between items, deciding, undo, and the hot keys of options. */

import { untracked } from "@preact/signals";
import { childKeys, wholeKeys, wholeQuestions } from "./answer-keys";
import { hiddenNow } from "./asked";
import { changesShown, openChanges, stepChange } from "./changes";
import { hiddenBeside } from "./conditions";
import { askAbandon, askSave, begin } from "./correction";
import { ask } from "./dialogs";
import { FILTERS } from "./filters";
import { confirmAndNext, jump, may, passAndNext, pickOption, stepOrSay } from "./flow";
import { walk } from "./focus-walk";
import { guideOpen } from "./guide";
import { t } from "./i18n";
import { GRID_KEY, gridOf, offersGrid } from "./item-grid";
import { type Binding, pushScope } from "./keys";
import { pageAnswerKeys } from "./page-answers";
import { drawingQuestion, selectedRegion, selectStep, setLabel } from "./region-actions";
import { regionEditBindings } from "./region-keys";
import { childrenOf, labelsFor, regionQuestions } from "./regions";
import { remarksOf, remarksShown, stepRemark } from "./remarks";
import type { Session } from "./session";
import type { Question } from "./types";
import { adoptVote, showVote } from "./votes";

export function pageBindings(session: Session): Binding[] {
  const { mode } = session;
  const active = () => session.active && session.sheet.peek() !== null;
  const labeling = mode === "labeling";
  const corrects = session.boot.correct != null;
  const compares = () => untracked(() => openChanges(session) !== null);
  const said = () => remarksOf(session.payload.peek()).size > 0;
  const all: (Binding | false)[] = [
    {
      keys: ["d", "ArrowRight"],
      text: "item.next",
      repeat: true,
      run: () => stepOrSay(session, 1),
    },
    {
      keys: ["a", "ArrowLeft"],
      text: "item.prev",
      repeat: true,
      run: () => stepOrSay(session, -1),
    },
    {
      keys: ["u"],
      text: "item.nextOpen",
      when: () => mode !== "read",
      run: () => jump(session, "open"),
    },
    { keys: ["shift+u"], text: "item.nextFeedback", run: () => jump(session, "feedback") },
    { keys: ["shift+s"], text: "item.nextFlagged", run: () => jump(session, "flagged") },
    { keys: ["shift+l"], text: "filter.next", run: () => nextFilter(session) },
    offersGrid(session) && {
      keys: [GRID_KEY],
      text: "grid.action",
      run: () => gridOf(session).toggle(),
    },
    labeling && {
      keys: ["Enter"],
      text: "item.confirm",
      when: active,
      run: () => confirmAndNext(session),
    },
    labeling && { keys: ["x"], text: "item.abandon", when: active, run: () => ask("abandon") },
    session.inspecting && {
      keys: ["p", "Enter"],
      text: "verdict.pass",
      when: active,
      run: () => passAndNext(session),
    },
    session.inspecting && {
      keys: ["r"],
      text: "verdict.reject",
      when: active,
      run: () => ask("reject"),
    },
    session.inspecting && {
      keys: ["m"],
      text: "verdict.modify",
      when: active,
      run: () => toggleModify(session),
    },
    session.inspecting && {
      keys: ["shift+p"],
      text: "verdict.passRest",
      when: active,
      run: () => ask("pass-rest"),
    },
    corrects && { keys: ["m"], text: "correct.action", run: () => begin(session) },
    corrects && { keys: ["x"], text: "correct.abandon", run: () => askAbandon(session) },
    corrects && {
      keys: ["mod+s"],
      text: "correct.save",
      editable: true,
      run: () => askSave(session),
    },
    (mode !== "read" || corrects) && {
      keys: ["z", "mod+z"],
      text: "edit.undo",
      repeat: true,
      run: () => session.undo(),
    },
    (mode !== "read" || corrects) && {
      keys: ["shift+z", "mod+shift+z", "mod+y"],
      text: "edit.redo",
      repeat: true,
      run: () => session.redo(),
    },
    mode !== "read" && {
      keys: ["mod+s"],
      text: "save.now",
      editable: true,
      run: () => void session.outbox.flush(),
    },
    mode !== "read" && {
      keys: ["mod+Enter"],
      text: "submit.action",
      editable: true,
      when: active,
      run: () => may(session, "submit", () => ask("submit")),
    },
    mode !== "read" && {
      keys: ["s", "F2"],
      text: "flag.action",
      when: () => active() && !session.boot.preview,
      run: () => ask("flag"),
    },
    {
      keys: ["shift+r"],
      text: "appeal.action",
      when: () => session.payload.peek()?.appeal?.can === true,
      run: () => ask("appeal"),
    },
    mode !== "read" && {
      keys: ["shift+x"],
      text: "giveBack.title",
      when: active,
      run: () => may(session, "release", () => ask("give-back")),
    },
    mode === "read" &&
      !corrects && {
        keys: ["z"],
        text: "withdraw.action",
        when: () => session.takesBack,
        run: () => may(session, "withdraw", () => ask("withdraw")),
      },
    {
      keys: ["F1", "shift+g"],
      text: "guide.action",
      editable: true,
      run: () => {
        guideOpen.value = !guideOpen.peek();
      },
    },
    {
      keys: ["Escape"],
      text: null,
      when: () => guideOpen.peek(),
      run: () => {
        guideOpen.value = false;
      },
    },
    { keys: ["."], text: "changes.next", when: compares, run: () => stepChange(session, 1) },
    { keys: [","], text: "changes.prev", when: compares, run: () => stepChange(session, -1) },
    {
      keys: [";"],
      text: "changes.show",
      when: compares,
      run: () => {
        changesShown.value = !changesShown.peek();
      },
    },
    { keys: ["'"], text: "remarks.next", when: said, run: () => stepRemark(session) },
    {
      keys: ['"'],
      text: "remarks.show",
      when: said,
      run: () => {
        remarksShown.value = !remarksShown.peek();
      },
    },
    { keys: ["F6"], text: "walk.next", editable: true, repeat: true, run: () => walk(1) },
    { keys: ["shift+F6"], text: "walk.prev", editable: true, repeat: true, run: () => walk(-1) },
    { keys: ["mod+i"], text: "pace.title", run: () => ask("pace") },
    mode !== "read" && { keys: ["mod+shift+s"], text: "unsent.title", run: () => ask("unsent") },
    { keys: ["mod+,"], text: "settings.title", run: () => ask("settings") },
    { keys: ["?"], text: "help.title", run: () => ask("help") },
  ];
  return all.filter((one): one is Binding => one !== false);
}

/** List the items of the next kind that there are any of. */
function nextFilter(session: Session): void {
  const kinds = FILTERS.filter(({ name }) => name !== "disputed" || session.disputes);
  const at = kinds.findIndex(({ name }) => name === session.filter.peek());
  session.filter.value = kinds[(at + 1) % kinds.length]?.name ?? "all";
}

export function toggleModify(session: Session): void {
  const position = session.position.peek();
  session.modifying.value = session.modifying.peek() === position ? null : position;
}

function optionBindings(session: Session): Binding[] {
  const questions = wholeQuestions(session);
  const keys = wholeKeys(session);
  const hidden = hiddenNow(session);
  return questions.flatMap((question) =>
    (keys.get(question.questionId) ?? []).map((hotkey) => ({
      keys: [hotkey.key],
      text: null,
      label: hotkey.text,
      editable: hotkey.key.startsWith("alt+"),
      when: () => session.frozen.peek() === null && !hidden.peek().has(question.questionId),
      run: () => {
        if (hotkey.run) hotkey.run(session, question);
        else pickOption(session, question, hotkey.apply, hotkey.completes);
      },
    })),
  );
}

/** Hot keys of the labels of regions: of the chosen one, else of the next one. */
function regionBindings(session: Session): Binding[] {
  const all = regionQuestions(session.template.questions);
  if (all.length === 0) return [];
  const current = () =>
    selectedRegion(session)?.question.question ?? drawingQuestion(session)?.question;
  /** Whether the chosen region, or the next one, is asked this. */
  const asks = (question: Question, child: Question) => {
    if (!childrenOf(question, selectedRegion(session)?.object ?? null).includes(child))
      return false;
    if (!child.showIf) return true;
    const object = selectedRegion(session)?.object ?? null;
    const labels = object?.labels ?? labelsFor(question.questionId);
    const document = session.sheet.peek()?.document ?? null;
    const children = childrenOf(question, object);
    return !hiddenBeside(children, labels, document).has(child.questionId);
  };
  const labels = all.flatMap(({ question }) => {
    // What is asked of relations has its own keys: one thing is chosen at a time.
    const groups = [question.children ?? [], question.relationChildren ?? []];
    return groups.flatMap((children) => {
      const keys = childKeys(session, children);
      return children.flatMap((child) =>
        (keys.get(child.questionId) ?? []).map((hotkey) => ({
          keys: [hotkey.key],
          text: null,
          label: hotkey.text,
          editable: hotkey.key.startsWith("alt+"),
          when: () =>
            session.frozen.peek() === null && current() === question && asks(question, child),
          run: () => setLabel(session, child, hotkey.apply),
        })),
      );
    });
  });
  return [
    { keys: ["j"], text: "region.next", repeat: true, run: () => selectStep(session, 1) },
    { keys: ["k"], text: "region.prev", repeat: true, run: () => selectStep(session, -1) },
    {
      keys: ["alt+j"],
      text: "region.nextToo",
      repeat: true,
      run: () => selectStep(session, 1, true),
    },
    {
      keys: ["alt+k"],
      text: "region.prevToo",
      repeat: true,
      run: () => selectStep(session, -1, true),
    },
    ...regionEditBindings(session),
    ...labels,
  ];
}

/** Keys of the votes of the open item: their numbers, with Shift to look at one and with Alt to adopt it. */
function voteBindings(session: Session): Binding[] {
  const votes = () => session.payload.peek()?.votes ?? [];
  return votes()
    .slice(0, 9)
    .flatMap(({ voter }) => [
      {
        keys: [`shift+${voter}`],
        text: null,
        label: t("votes.show", { n: voter }),
        run: () => showVote(session, voter),
      },
      {
        keys: [`alt+${voter}`],
        text: null,
        label: t("votes.adopt", { n: voter }),
        when: () => session.active,
        run: () => adoptVote(session, voter),
      },
    ]);
}

/** Put the page's keys in force. The chosen region's labels come before those of the whole item. */
export function bindPage(session: Session): () => void {
  const page = pageBindings(session);
  const regions = regionBindings(session);
  const options = optionBindings(session);
  const ofPages = pageAnswerKeys(session);
  const stops = [
    pushScope("page", "keys.scope.page", () => page),
    ...(session.inspecting
      ? [pushScope("topic", "keys.scope.votes", () => voteBindings(session))]
      : []),
    ...(options.length > 0 ? [pushScope("topic", "keys.scope.options", () => options)] : []),
    ...(regions.length > 0 ? [pushScope("topic", "keys.scope.regions", () => regions)] : []),
    ...(ofPages.length > 0 ? [pushScope("topic", "keys.scope.pageClasses", () => ofPages)] : []),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
