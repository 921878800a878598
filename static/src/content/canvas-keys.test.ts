import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { pageBindings } from "../core/app-keys";
import { assignKeys } from "../core/hotkeys";
import type { Binding } from "../core/keys";
import { regionEditBindings } from "../core/region-keys";
import type { Session } from "../core/session";
import type { CanvasSurface } from "../surfaces/canvas/surface";
import { toolsFor } from "../surfaces/canvas/tools/registry";
import "../topic/picture";
import { drawingKeys, viewKeys } from "./canvas-keys";
import { kindsOf } from "./tools";

const SHAPES = ["rectangle", "rotated", "polygon", "polyline", "point", "mask"];

function session(mode: string): Session {
  const question = { questionId: "1", type: "PICTURE", markTitle: "Q", shapes: SHAPES };
  return {
    mode,
    inspecting: mode === "check" || mode === "acceptance",
    boot: {},
    template: { questions: [question], views: [] },
    frozen: signal(null),
  } as unknown as Session;
}

const surface = {} as CanvasSurface;
const view = { type: "Image", bindField: "source", field: "source" };

/** Keys that mean something else by where they are pressed, never at one time. */
const SHARED = new Set(["Enter", "Escape", "m", "x"]);

describe("keys of pictures", () => {
  for (const mode of ["labeling", "check", "acceptance"]) {
    it(`mean one thing each while a question takes every shape: ${mode}`, () => {
      const one = session(mode);
      const all: Binding[] = [
        ...drawingKeys(one, surface, view),
        ...viewKeys(one, surface, view),
        ...regionEditBindings(one),
        ...pageBindings(one),
      ];
      const seen = new Map<string, string[]>();
      for (const { keys, text } of all) {
        for (const key of new Set(keys)) seen.set(key, [...(seen.get(key) ?? []), text ?? key]);
      }
      const twice = [...seen].filter(
        ([key, texts]) => texts.length > 1 && !key.includes("Arrow") && !SHARED.has(key),
      );
      expect(twice).toEqual([]);
    });
  }

  it("of tools are never given to options by the page", () => {
    const tools = new Set(toolsFor(kindsOf(session("labeling"), view)).map(({ key }) => key));
    const many = Array.from({ length: 40 }, (_, n) => ({ key: `k${n}`, label: `${n}` }));
    const given = [...assignKeys(many, new Set()).values()];
    expect(given.filter((key) => tools.has(key))).toEqual([]);
  });
});
