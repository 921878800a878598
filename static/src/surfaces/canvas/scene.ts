/* What a surface shows and what of it can be met: shapes, what is hidden, locked and chosen of them. */

import type { ReadonlySignal } from "@preact/signals";
import type { Picture } from "../../core/media";
import type { Point } from "../../core/types";
import { drawArea } from "./backdrop";
import { type Camera, toPicture, toScreen } from "./camera";
import { type Box, boxOf, type Size } from "./geometry";
import type { Layer } from "./layer";
import { covers, lineDistance, type Shape, type ShapeKind } from "./shapes";
import type { Around, ToolName } from "./tools/tool";

/** How near a line is met, in CSS pixels. */
const REACH = 4;

export class Scene {
  picture: Picture | null = null;
  size: Size = { width: 1, height: 1 };
  selection: ReadonlySet<string> = new Set();
  /** The primary one of the selection. */
  selected: string | null = null;
  private hidden: ReadonlySet<string> = new Set();
  private allHidden = false;

  constructor(
    private readonly layer: Layer,
    private readonly camera: ReadonlySignal<Camera>,
  ) {}

  hide(ids: ReadonlySet<string>, all: boolean): void {
    this.hidden = ids;
    this.allHidden = all;
  }

  /** Keep these out of the static layer, beside what is hidden. */
  hold(held: readonly string[]): void {
    const ids = held.length === 0 ? this.hidden : new Set([...this.hidden, ...held]);
    this.layer.hide(ids, this.allHidden);
  }

  shown(id: string | null): Shape | null {
    if (id === null || this.allHidden || this.hidden.has(id)) return null;
    return this.layer.shapes.get(id);
  }

  /** All shapes that are not hidden, those too that are being changed. */
  all(): Shape[] {
    if (this.allHidden) return [];
    return [...this.layer.shapes.all()].filter(({ id }) => !this.hidden.has(id));
  }

  hit(point: Point): Shape | null {
    if (this.allHidden) return null;
    const reach = REACH / this.camera.peek().scale;
    const other = this.layer.shapes.hit(point, reach, this.hidden);
    // What is chosen stays so on a press inside it, even where something smaller lies beneath the pointer's line.
    const selected = this.shown(this.selected);
    if (!selected || selected.locked || other?.id === selected.id) return other;
    if (!covers(selected, point) && lineDistance(selected, point) > reach) return other;
    return other && isInside(other, selected) ? other : selected;
  }

  around(tool: ToolName, frozen: boolean, kinds: ReadonlySet<ShapeKind>): Around {
    const camera = this.camera.peek();
    const { shapes } = this.layer;
    return {
      tool,
      size: this.size,
      frozen: frozen || this.picture === null,
      kinds,
      shapes: {
        get: (id) => shapes.get(id),
        within: (box) => this.within(box),
        hit: (picture) => this.hit(picture),
        together: (id) => shapes.together(id),
      },
      selected: this.shown(this.selected),
      selection: [...this.selection].flatMap((id) => this.shown(id) ?? []),
      camera,
      scale: camera.scale,
      toScreen: (point) => toScreen(camera, point),
      toPicture: (point) => toPicture(camera, point),
      picture: this.picture,
      pixels: (box) => this.pixels(box),
    };
  }

  private within(box: Box): Shape[] {
    if (this.allHidden) return [];
    const found = this.layer.shapes.within(box);
    return found.filter(({ id, locked }) => !locked && !this.hidden.has(id));
  }

  private pixels(box: Box): ImageData | null {
    const width = box.maxX - box.minX;
    const height = box.maxY - box.minY;
    if (!this.picture || width < 1 || height < 1) return null;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    if (context) drawArea(context, this.picture, this.size, box);
    return context?.getImageData(0, 0, width, height) ?? null;
  }
}

function isInside(inner: Shape, outer: Shape): boolean {
  const a = boxOf(inner.points);
  const b = boxOf(outer.points);
  return a.minX >= b.minX && a.minY >= b.minY && a.maxX <= b.maxX && a.maxY <= b.maxY;
}
