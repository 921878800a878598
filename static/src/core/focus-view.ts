/* Which of several views has the keys: the one under the moving pointer, else the one that was used last.

   Views push their keys as scopes of their own. Of scopes that belong to views only the view in use takes keys, but
   for bindings marked `anywhere`, which act whichever view is used (playing a sound while a picture is looked at). */

import { computed, signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Key } from "./i18n";
import { type Binding, pushScope, type ScopeName } from "./keys";
import type { View } from "./types";

/** The views on the stage, by the name of what they show, in order. */
const mounted = signal<readonly string[]>([]);
/** A view, or the editor beside it that works on the same field (of a table). */
interface Place {
  view: string;
  editor: boolean;
}

/** Where the page was pressed or had the focus last. */
const used = signal<Place | null>(null);
/** What the pointer moved over last, while it is there. */
const hovered = signal<Place | null>(null);

const placeInUse = computed<Place | null>(() => {
  const there = (place: Place | null) =>
    place && mounted.value.includes(place.view) ? place : null;
  return there(hovered.value) ?? there(used.value);
});

/** The view that has the keys; null: there is none. */
export const viewInUse = computed<string | null>(
  () => placeInUse.value?.view ?? mounted.value[0] ?? null,
);

/** Whether it is the editor beside the view that is used, not the view itself. */
export const editorInUse = computed(() => placeInUse.value?.editor === true);

/** How many views there are: a single one needs no sign that it is in use. */
export const viewCount = computed(() => mounted.value.length);

export function isInUse(view: Pick<View, "bindField">): boolean {
  return viewInUse.value === view.bindField;
}

/** A view is on the stage; call the result when it goes. */
export function mountView(name: string): () => void {
  mounted.value = [...mounted.peek(), name];
  return () => {
    mounted.value = mounted.peek().filter((one) => one !== name);
    if (hovered.peek()?.view === name) hovered.value = null;
  };
}

/** The view was pressed or has got the focus: from now on keys mean it, wherever the pointer rests. */
export function takeKeys(view: string, editor = false): void {
  used.value = { view, editor };
  hovered.value = null;
}

/** The pointer has moved over the view, or out of it. A resting one takes nothing. */
export function hoverView(view: string, over: boolean, editor = false): void {
  const now = hovered.peek();
  const same = now?.view === view && now.editor === editor;
  if (over && !same) hovered.value = { view, editor };
  else if (!over && same) hovered.value = null;
}

/** Keys of a view: they act while it is in use. */
export function pushViewScope(
  view: Pick<View, "bindField">,
  title: Key,
  bindings: () => readonly Binding[],
  name: ScopeName = "content",
): () => void {
  return pushScope(name, title, bindings, () => viewInUse.peek() === view.bindField);
}

/** Keys of a view for as long as its component is there. `bindings` may be another function with every rendering. */
export function useViewScope(
  view: Pick<View, "bindField">,
  title: Key,
  bindings: () => readonly Binding[],
  name: ScopeName = "content",
): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  const { bindField } = view;
  useLayoutEffect(
    () => pushViewScope({ bindField }, title, () => latest.current(), name),
    [bindField, title, name],
  );
}
