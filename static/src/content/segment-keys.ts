/* Keys of recordings: playing, where it is looked at, and the segments that are made of it. */

import type { Key } from "../core/i18n";
import type { Binding } from "../core/keys";
import { settings } from "../core/settings";
import type { Player } from "../surfaces/timeline/player";
import { clamp } from "../surfaces/timeline/view";
import { hiddenAll, hiddenIds, toggleHidden } from "./compare";
import type { Part, SegmentView } from "./segment-view";

/** Keys of a foot pedal: most of them send keys of this row, and all can be given others. They act in texts too. */
export const PEDAL = { back: "F3", toggle: "F4", segment: "F8", on: "F9" } as const;

function one(
  keys: string | readonly string[],
  text: Binding["text"],
  run: () => void,
  more: Partial<Binding> = {},
): Binding {
  return { keys: typeof keys === "string" ? [keys] : keys, text, run, ...more };
}

/** Playing, for whatever is played; `fine`: the step of arrows with Shift, in seconds. */
export function playerKeys(player: Player, fine: () => number): Binding[] {
  const held = { repeat: true };
  const pedal = { editable: true, anywhere: true };
  const volume = (by: number) => {
    settings.muted.value = false;
    settings.volume.value = Math.round(clamp(settings.volume.peek() + by, 0, 1) * 10) / 10;
  };
  return [
    one("Space", "player.toggle", () => player.toggle()),
    one("ArrowLeft", "player.back", () => player.skip(-1), held),
    one("ArrowRight", "player.on", () => player.skip(1), held),
    one("shift+ArrowLeft", "player.backFine", () => player.skip(-fine()), held),
    one("shift+ArrowRight", "player.onFine", () => player.skip(fine()), held),
    one("Home", "player.first", () => player.goTo(0)),
    one("End", "player.last", () => player.goTo(player.duration.peek())),
    one(">", "player.faster", () => player.faster(1), held),
    one("<", "player.slower", () => player.faster(-1), held),
    one("\\", "player.normal", () => {
      settings.playRate.value = 1;
    }),
    one("alt+ArrowUp", "player.louder", () => volume(0.1), held),
    one("alt+ArrowDown", "player.quieter", () => volume(-0.1), held),
    one("alt+m", "player.mute", () => {
      settings.muted.value = !settings.muted.peek();
    }),
    one("g", "player.goTo", () => {
      document.querySelector<HTMLElement>("[data-player-time]")?.focus();
    }),
    one(PEDAL.back, "player.pedalBack", () => player.skip(-settings.pedalSkip.peek()), {
      ...pedal,
      repeat: true,
    }),
    one(PEDAL.toggle, "player.pedal", () => player.toggle(settings.pedalBack.peek()), pedal),
    one(PEDAL.on, "player.pedalOn", () => player.skip(settings.pedalSkip.peek()), {
      ...pedal,
      repeat: true,
    }),
  ];
}

/** What is seen of the time. */
export function timeKeys(view: SegmentView): Binding[] {
  const held = { repeat: true };
  const { surface } = view;
  const page = (by: number) => surface.pan(by * surface.view.peek().width * 0.9);
  return [
    one(["+", "="], "tool.zoomIn", () => view.zoom(1.5), held),
    one("-", "tool.zoomOut", () => view.zoom(1 / 1.5), held),
    one("f", "timeline.fit", () => surface.fit()),
    one("shift+f", "timeline.closeUp", () => view.closeUp()),
    one("PageDown", "timeline.later", () => page(1), held),
    one("PageUp", "timeline.earlier", () => page(-1), held),
    one("l", "player.loop", () => view.toggleLoop()),
  ];
}

const NUDGES: readonly [string, string, string, string, Part, Key][] = [
  [
    "mod+ArrowLeft",
    "mod+ArrowRight",
    "mod+shift+ArrowLeft",
    "mod+shift+ArrowRight",
    "start",
    "segment.moveStart",
  ],
  [
    "alt+ArrowLeft",
    "alt+ArrowRight",
    "shift+alt+ArrowLeft",
    "shift+alt+ArrowRight",
    "end",
    "segment.moveEnd",
  ],
  ["alt+,", "alt+.", "alt+<", "alt+>", "all", "segment.moveAll"],
];

/** Making, choosing and moving segments. */
export function segmentKeys(view: SegmentView): Binding[] {
  const { session } = view;
  const editable = () => session.frozen.peek() === null;
  const chosen = () => session.selected.peek() !== null;
  const changes = { when: () => editable() && chosen(), repeat: true };
  const makes = { when: editable };
  return [
    one("[", "segment.in", () => view.markIn(), makes),
    one("]", "segment.out", () => view.markOut(), makes),
    one("e", "segment.outIn", () => view.markOn(), makes),
    one("n", "segment.instant", () => view.instant(), makes),
    one("{", "segment.putStart", () => view.put("start"), changes),
    one("}", "segment.putEnd", () => view.put("end"), changes),
    one("c", "segment.split", () => view.split(), changes),
    ...NUDGES.flatMap(([back, on, farBack, farOn, part, text]) => [
      one(back, text, () => view.nudge(part, -1), changes),
      one(on, null, () => view.nudge(part, 1), changes),
      one(farBack, null, () => view.nudge(part, -10), changes),
      one(farOn, null, () => view.nudge(part, 10), changes),
    ]),
    one("ArrowDown", "segment.next", () => view.step(1), { repeat: true }),
    one("ArrowUp", "segment.prev", () => view.step(-1), { repeat: true }),
    one("shift+ArrowDown", "segment.trackDown", () => view.toTrack(1), makes),
    one("shift+ArrowUp", "segment.trackUp", () => view.toTrack(-1), makes),
    one("shift+Space", "segment.play", () => view.playChosen()),
    one(PEDAL.segment, "segment.playPedal", () => view.playChosen(), {
      editable: true,
      anywhere: true,
    }),
    one(["Delete", "Backspace"], "region.delete", () => view.remove(), changes),
    one("h", "tool.hideAll", () => {
      hiddenAll.value = !hiddenAll.peek();
      if (!hiddenAll.peek()) hiddenIds.value = new Set();
    }),
    one("shift+h", "region.hideOne", () => toggleHidden(session.selected.peek() as string), {
      when: chosen,
    }),
    one("Escape", "keys.deselect", () => view.cancel() || session.selected.clear(), {
      when: () => chosen() || view.mark.peek() !== null || view.surface.busy.peek(),
    }),
  ];
}
