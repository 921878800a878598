/* Relations by keys: from the chosen span to one that is walked to or named by the letters that stand at it. */

import { effect, untracked } from "@preact/signals";
import { say } from "../core/flow";
import { pushViewScope } from "../core/focus-view";
import { t } from "../core/i18n";
import type { Binding } from "../core/keys";
import { whyForbidden } from "../core/pairs";
import { findRegion } from "../core/region-actions";
import type { TextLayerMount } from "../core/registry";
import {
  beganAt,
  begin,
  beginning,
  chosenRelation,
  relate,
  relating,
  reverse,
  stepRelation,
} from "../core/relations";

/** Letters of which names are made: those that walk, end it or take back are none of them. */
const LETTERS = "asdfghlqwrtyuiopxcvbnm";

/** Names for so many things, none of which begins another one. */
export function namesFor(count: number): string[] {
  const one = [...LETTERS];
  if (count <= one.length) return one.slice(0, count);
  return one.flatMap((a) => one.map((b) => a + b)).slice(0, count);
}

export function relateByKeys(mount: TextLayerMount): () => void {
  const { session, question, surface } = mount;
  const view = { bindField: question.view ?? session.template.views[0]?.bindField ?? "" };
  const signs = document.createElement("div");
  signs.className = "arrow-signs";
  surface.over.append(signs);
  /** What has been typed of a name, and whose names are shown. */
  let typed = "";
  let named = new Map<string, string>();

  const mine = (id: string | undefined) =>
    id !== undefined && findRegion(session, id)?.question.question === question;
  const draw = () => {
    const now = relating.peek();
    if (!now || !mine(now.from)) named = new Map();
    else if (typed === "") named = names(mount, now.from);
    signs.replaceChildren(
      ...[...named].flatMap(([name, id]) => {
        const box = surface.boxesOf(id)?.[0];
        if (!box || !name.startsWith(typed)) return [];
        const sign = document.createElement("kbd");
        sign.textContent = name.slice(typed.length).toUpperCase();
        sign.style.transform = `translate(${box.left}px, ${box.top}px) translate(-50%, -80%)`;
        return [sign];
      }),
    );
  };

  const go = (id: string | null) => {
    const now = relating.peek();
    typed = "";
    if (!now) return;
    relating.value = { ...now, to: id };
    const span = id === null ? null : surface.span(id);
    if (span) surface.reveal(span.start);
  };
  const walk = (by: 1 | -1) => {
    const now = relating.peek();
    const order = spansInOrder(mount);
    if (!now || order.length < 2) return;
    const after = (id: string) =>
      order[(order.indexOf(id) + by + order.length) % order.length] as string;
    const next = after(now.to ?? now.from);
    go(next === now.from ? after(next) : next);
  };
  const end = () => {
    typed = "";
    relating.value = null;
  };
  const letter = (key: string): Binding => ({
    keys: [key],
    text: null,
    run: () => {
      const name = typed + key;
      const id = named.get(name);
      if (id !== undefined) go(id);
      else if ([...named.keys()].some((one) => one.startsWith(name))) typed = name;
      else typed = "";
      surface.moved();
    },
  });
  const making: Binding[] = [
    {
      keys: ["j", "ArrowDown", "ArrowRight"],
      text: "relation.next",
      repeat: true,
      run: () => walk(1),
    },
    {
      keys: ["k", "ArrowUp", "ArrowLeft"],
      text: "relation.prev",
      repeat: true,
      run: () => walk(-1),
    },
    {
      keys: ["Enter", "Space"],
      text: "relation.make",
      run: () => {
        const now = relating.peek();
        if (!now) return;
        if (now.to === null) say(session, t("relation.noTarget"), "warn");
        else if (relate(session, now.from, now.to)) end();
      },
    },
    { keys: ["Escape", "e"], text: "relation.cancel", run: end },
    ...[...LETTERS].map(letter),
  ];
  const bindings: Binding[] = [
    {
      keys: ["e"],
      text: "relation.begin",
      when: () => mine(beginning(session)?.object.id),
      run: () => begin(session),
    },
    {
      keys: ["v"],
      text: "relation.reverse",
      when: () => session.frozen.peek() === null && mine(chosenRelation(session)?.object.id),
      run: () => reverse(session),
    },
    { keys: ["l"], text: "relation.step", run: () => stepRelation(session) },
  ];
  const stops = [
    pushViewScope(view, "keys.scope.relations", () => bindings),
    effect(() => {
      const from = beganAt.value;
      if (from === null || !mine(from)) return undefined;
      surface.scroller.focus({ preventScroll: true });
      const span = surface.span(from);
      if (span) surface.reveal(span.start);
      return untracked(() => pushViewScope(view, "keys.scope.relating", () => making, "tool"));
    }),
    effect(() => {
      // Whatever else is chosen meanwhile, by mouse or in the list, ends it.
      const chosen = session.selected.value;
      const now = relating.peek();
      if (now && chosen !== now.from) end();
    }),
    surface.onLayout(draw),
    () => signs.remove(),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** The question's spans as they stand in the text. */
function spansInOrder({ session, question, surface }: TextLayerMount): string[] {
  const ids = session.sheet.peek()?.document.objects(question.questionId).ids ?? [];
  return ids
    .flatMap((id) => surface.span(id) ?? [])
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .map(({ id }) => id);
}

/** Names for the spans in view to which a relation may go. */
function names(mount: TextLayerMount, from: string): Map<string, string> {
  const { session, question, surface } = mount;
  const start = findRegion(session, from);
  if (!start) return new Map();
  const { scrollTop, clientHeight } = surface.scroller;
  const top = scrollTop - surface.page.offsetTop;
  const near = surface.nearIds();
  const ids = spansInOrder(mount).filter((id) => {
    const box = id === from || !near.has(id) ? null : surface.boxesOf(id)?.[0];
    if (!box || box.bottom < top || box.top > top + clientHeight) return false;
    const to = findRegion(session, id);
    return to !== null && whyForbidden(question, start.object, to.object, {}) === null;
  });
  return new Map(namesFor(ids.length).map((name, at) => [name, ids[at] as string]));
}
