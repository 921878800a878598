/* Keys of what is done with regions, whichever surface shows them. */

import {
  chooseAll,
  chooseGroup,
  copyChosen,
  cutChosen,
  duplicateChosen,
  groupChosen,
  lockChosen,
  moveChosen,
  paste,
  pasteFormer,
  sortByPlace,
  ungroupChosen,
} from "./chosen";
import type { Binding } from "./keys";
import { recogniseChosen } from "./recognise";
import { reads, regionQuestions } from "./regions";
import type { Session } from "./session";
import { settings } from "./settings";
import { editText } from "./typing";

/** What can be done with regions, in the order in which help and panel show it. */
export function regionEditBindings(session: Session): Binding[] {
  const questions = regionQuestions(session.template.questions);
  // What lies in a text or a recording cannot lie in another one, nor over or under something.
  const planar = questions.some(({ spec }) => spec.plane);
  const read = questions.some(({ question }) => reads(question));
  const editable = () => session.frozen.peek() === null;
  const some = () => session.selection.peek().size > 0;
  const chosen = () => editable() && some();
  const bindings: (Binding | false)[] = [
    {
      keys: ["/"],
      text: "region.filter",
      when: () => filterField() !== null,
      run: () => filterField()?.focus(),
    },
    { keys: ["mod+a"], text: "region.chooseAll", run: () => chooseAll(session) },
    planar && {
      keys: ["mod+c"],
      text: "region.copy",
      // Text that is marked on the page is what the person means to copy.
      when: () => some() && !marksText(),
      run: () => copyChosen(session),
    },
    planar && {
      keys: ["mod+x"],
      text: "region.cut",
      when: () => chosen() && !marksText(),
      run: () => cutChosen(session),
    },
    planar && { keys: ["mod+v"], text: "region.paste", when: editable, run: () => paste(session) },
    planar && {
      keys: ["mod+d"],
      text: "region.duplicate",
      when: chosen,
      run: () => duplicateChosen(session),
    },
    planar && {
      keys: ["shift+b"],
      text: "region.pasteFormer",
      when: editable,
      run: () => void pasteFormer(session),
    },
    planar && {
      keys: ["mod+g"],
      text: "region.group",
      when: chosen,
      run: () => groupChosen(session),
    },
    planar && {
      keys: ["mod+shift+g"],
      text: "region.ungroup",
      when: chosen,
      run: () => ungroupChosen(session),
    },
    planar && {
      keys: ["alt+g"],
      text: "region.chooseGroup",
      when: some,
      run: () => chooseGroup(session),
    },
    {
      keys: ["shift+k"],
      text: "region.lock",
      when: some,
      run: () => lockChosen(session),
    },
    planar && {
      keys: ["mod+ArrowUp"],
      text: read ? "region.readEarlier" : "region.backward",
      when: chosen,
      repeat: true,
      run: () => moveChosen(session, "earlier"),
    },
    planar && {
      keys: ["mod+ArrowDown"],
      text: read ? "region.readLater" : "region.forward",
      when: chosen,
      repeat: true,
      run: () => moveChosen(session, "later"),
    },
    planar && {
      keys: ["mod+shift+ArrowUp"],
      text: read ? "region.readFirst" : "region.toBack",
      when: chosen,
      run: () => moveChosen(session, "first"),
    },
    planar && {
      keys: ["mod+shift+ArrowDown"],
      text: read ? "region.readLast" : "region.toFront",
      when: chosen,
      run: () => moveChosen(session, "last"),
    },
    read && {
      keys: ["shift+o"],
      text: "region.sort",
      when: editable,
      run: () => sortByPlace(session, settings.columns.peek() ? "columns" : "lines"),
    },
    read && {
      keys: ["shift+e"],
      text: "region.editText",
      when: editable,
      run: () => editText(session),
    },
    read && {
      keys: ["shift+t"],
      text: "recognise.action",
      when: chosen,
      run: () => void recogniseChosen(session),
    },
  ];
  return bindings.filter((one): one is Binding => one !== false);
}

function marksText(): boolean {
  const marked = getSelection();
  return marked !== null && !marked.isCollapsed && marked.toString() !== "";
}

function filterField(): HTMLElement | null {
  return document.querySelector("[data-region-words]");
}
