/* The result as it will look: what is cut out of the picture, on a backdrop. */

import type { Picture } from "../../core/media";
import { type Camera, visible } from "../canvas/camera";
import type { Box, Size } from "../canvas/geometry";
import { type Context, turnTo } from "../canvas/paint";
import type { Shape } from "../canvas/shapes";
import { meet, type Raster, rasterOf, within } from "./alpha";
import { areaMask } from "./area";
import { columnsOf } from "./columns";
import { opacity, type SoftMask } from "./cutout";

/** Drawn beyond each side of the view, in its widths and heights. */
const MARGIN = 0.25;
/** The squares of the chequered backdrop, in pixels of the screen. */
const SQUARE = 10;
const CHEQUERED = ["#ffffff", "#c9cdcb"] as const;

const areas = new WeakMap<Shape, SoftMask>();

/** What a shape keeps of a picture; null for lines and points. */
function kept(shape: Shape, size: Size): SoftMask | null {
  if (shape.mask) return { mask: columnsOf(shape.mask), feather: shape.feather ?? 0 };
  if (shape.kind === "polyline" || shape.kind === "point") return null;
  const known = areas.get(shape);
  if (known) return known;
  const found = { mask: areaMask([shape.points, ...(shape.holes ?? [])], size), feather: 0 };
  areas.set(shape, found);
  return found;
}

/** What is shown: the surface's scene. */
export interface Shown {
  readonly picture: Picture | null;
  readonly size: Size;
  /** The shapes that are not hidden. */
  all(): readonly Shape[];
}

export interface PreviewView {
  readonly camera: Camera;
  readonly size: Size;
  /** What was drawn before, scaled, will do. */
  readonly moving: boolean;
}

export class Preview {
  private canvas: OffscreenCanvas | null = null;
  private raster: Raster | null = null;

  /** Shapes or the picture changed. */
  forget(): void {
    this.raster = null;
  }

  /** `backdrop`: a colour, or anything else for the chequered one. Draws instead of the picture with its shapes. */
  draw(context: Context, shown: Shown, view: PreviewView, backdrop: string): void {
    const { size } = shown;
    const { camera } = view;
    const whole: Box = { minX: 0, minY: 0, maxX: size.width, maxY: size.height };
    const known = this.raster;
    const seen = meet(visible(camera, view.size), whole);
    const stale = known !== null && known.scale !== camera.scale && !view.moving;
    if (seen && (!known || stale || !within(rasterOf(seen, known.scale), known))) {
      const room = meet(visible(camera, view.size, MARGIN), whole) ?? seen;
      this.renew(shown, rasterOf(room, camera.scale));
    }
    context.clearRect(0, 0, view.size.width, view.size.height);
    context.save();
    const fill = backdrop.startsWith("#") ? backdrop : (chequers(context) ?? CHEQUERED[0]);
    turnTo(context, camera);
    context.fillStyle = fill;
    context.fillRect(0, 0, size.width * camera.scale, size.height * camera.scale);
    if (this.canvas && this.raster) {
      const { left, top, width, height, scale } = this.raster;
      const k = camera.scale / scale;
      context.drawImage(this.canvas, left * k, top * k, width * k, height * k);
    }
    context.restore();
  }

  private renew(shown: Shown, raster: Raster): void {
    const { picture, size } = shown;
    if (!picture) return;
    const { scale, left, top, width, height } = raster;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    if (!context) return;
    const image = new ImageData(width, height);
    const alpha = opacity(
      shown.all().flatMap((shape) => kept(shape, size) ?? []),
      raster,
    );
    for (let at = 0; at < alpha.length; at++) image.data[4 * at + 3] = alpha[at] as number;
    context.putImageData(image, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.imageSmoothingEnabled = scale < 3;
    context.drawImage(picture.bitmap, -left, -top, size.width * scale, size.height * scale);
    this.canvas = canvas;
    this.raster = raster;
  }
}

function chequers(context: Context): CanvasPattern | null {
  const tile = new OffscreenCanvas(2 * SQUARE, 2 * SQUARE);
  const inner = tile.getContext("2d");
  if (!inner) return null;
  inner.fillStyle = CHEQUERED[0];
  inner.fillRect(0, 0, 2 * SQUARE, 2 * SQUARE);
  inner.fillStyle = CHEQUERED[1];
  inner.fillRect(0, 0, SQUARE, SQUARE);
  inner.fillRect(SQUARE, SQUARE, SQUARE, SQUARE);
  return context.createPattern(tile, "repeat");
}
