/* What makes and changes masks at once: the fill, the magic wand, and areas turned to masks and back. */

import type { Key } from "../../../core/i18n";
import { settings } from "../../../core/settings";
import { columnsOf, merge } from "../../mask/columns";
import { filled } from "../../mask/fill";
import { became, chosenMask, done, filledMask, maskGeometry, maskOf } from "../../mask/geometry";
import { WandOptions } from "../../mask/options";
import { outlines } from "../../mask/trace";
import { MOST_TOLERANCE } from "../../mask/wand";
import { pickColor } from "../../mask/worker";
import type { Geometry, Shape } from "../shapes";
import { registerAction, registerTool } from "./registry";
import { type Around, type Effect, IDLE, type PointerInput } from "./tool";

function inside({ picture: [x, y] }: PointerInput, { size }: Around): boolean {
  return x >= 0 && y >= 0 && x < size.width && y < size.height;
}

registerTool({
  name: "fill",
  draws: "mask",
  group: "mask",
  key: "shift+w",
  text: "tool.fill",
  icon: "fill",
  cursor: "cross",
  handles: false,
  stays: true,
  press(input, around) {
    const under = around.shapes.hit(input.picture);
    const shape = chosenMask(around) ?? (under?.mask ? under : null);
    if (!shape) return [IDLE, [{ kind: "message", text: "mask.chooseOne" }]];
    if (!inside(input, around)) return [IDLE, []];
    const mask = maskOf(shape, around);
    return done(shape.id, mask, filled(mask, input.picture));
  },
  reduce: () => null,
});

registerTool({
  name: "wand",
  draws: "mask",
  group: "mask",
  key: "w",
  text: "tool.wand",
  icon: "wand",
  cursor: "cross",
  handles: false,
  stays: true,
  press(input, around) {
    const { picture } = around;
    if (!picture || !inside(input, around)) return [IDLE, []];
    const erase = input.alt || input.button === 2;
    const shape = chosenMask(around);
    if (erase && !shape) return [IDLE, [{ kind: "message", text: "mask.chooseOne" }]];
    const id = shape?.id ?? null;
    const effects = async (): Promise<Effect[]> => {
      const found = await pickColor(
        picture.bitmap,
        around.size,
        input.picture,
        settings.tolerance.peek(),
      );
      if (!found) return [{ kind: "message", text: "mask.failed" }];
      // Strokes may have been made meanwhile.
      const now = id === null ? null : around.shapes.get(id);
      if (id !== null && !now?.mask) return [];
      const mask = maskOf(now, around);
      return became(id, mask, merge(mask, columnsOf(found), erase ? "cut" : "join"));
    };
    return [IDLE, [{ kind: "later", effects: effects() }]];
  },
  reduce: () => null,
  options: WandOptions,
  keys: () =>
    (
      [
        ["[", "wand.less", -4],
        ["]", "wand.more", 4],
      ] as const
    ).map(([key, text, by]) => ({
      keys: [key],
      text,
      repeat: true,
      run: () => {
        const next = settings.tolerance.peek() + by;
        settings.tolerance.value = Math.min(MOST_TOLERANCE, Math.max(0, next));
      },
    })),
});

function why(
  { selection, kinds }: Around,
  to: "mask" | "polygon",
  fits: (shape: Shape) => boolean,
): Key | null {
  if (!kinds.has(to)) return to === "mask" ? "mask.notTaken" : "polygon.notTaken";
  if (selection.length === 0 || !selection.every(fits)) {
    return to === "mask" ? "toMask.choose" : "toPolygon.choose";
  }
  return selection.some(({ locked }) => locked) ? "areas.locked" : null;
}

registerAction({
  name: "to-mask",
  group: "mask",
  key: "alt+q",
  text: "action.toMask",
  icon: "to-mask",
  needs: ["mask"],
  why: (around) =>
    why(around, "mask", ({ kind }) => ["rectangle", "rotated", "polygon"].includes(kind)),
  run(around) {
    const change = around.selection.flatMap((shape) => {
      const mask = filledMask(shape, around);
      const geometry = mask && maskGeometry(mask);
      return geometry ? [{ id: shape.id, geometry }] : [];
    });
    if (change.length === 0) return [{ kind: "message", text: "toMask.nothing" }];
    return [{ kind: "edit", change }];
  },
});

registerAction({
  name: "to-polygon",
  group: "mask",
  key: "shift+y",
  text: "action.toPolygon",
  icon: "to-polygon",
  needs: ["mask"],
  why: (around) => why(around, "polygon", ({ kind }) => kind === "mask"),
  run({ selection }) {
    const change: { id: string; geometry: Geometry }[] = [];
    const create: { like: string; geometry: Geometry }[] = [];
    for (const { id, mask } of selection) {
      if (!mask) continue;
      // The largest piece stays the region, the others become regions like it.
      const [first, ...rest] = outlines(columnsOf(mask)).map(
        ({ points, holes }): Geometry => ({
          kind: "polygon",
          points,
          ...(holes.length > 0 ? { holes } : {}),
        }),
      );
      if (first) change.push({ id, geometry: first });
      create.push(...rest.map((geometry) => ({ like: id, geometry })));
    }
    return [{ kind: "edit", change, create }];
  },
});
