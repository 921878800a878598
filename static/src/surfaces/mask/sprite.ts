/* Masks on the screen: each is drawn once at the view's scale and shown again while the view moves; a stroke draws
   anew what it changed. Works in the paint worker too: no DOM in here. */

import { type Camera, visible } from "../canvas/camera";
import type { Box } from "../canvas/geometry";
import { type Context, isDark, turnTo } from "../canvas/paint";
import { cover, meet, type Raster, rasterOf, within } from "./alpha";
import { type Columns, changed, extent } from "./columns";

export interface Look {
  color: string;
  /** 0 to 1, of the inside. */
  fill: number;
  /** How thick the line along the edge is, in pixels of the screen. */
  line: number;
  /** Room is kept for what is being painted: all that the view shows. */
  roomy?: boolean;
}

/** Drawn beyond each side of the view, in its widths and heights. */
const MARGIN = 0.25;
/** Raster pixels around a mask, for its line. */
const PAD = 4;
/** So many raster pixels are kept, of those that were shown last. */
const MOST_KEPT = 24_000_000;

const sprites = new Map<string, Sprite>();

/** Draw a mask; `name` tells what is drawn again and again, `fast`: an old drawing, scaled, will do. */
export function paintMask(
  context: Context,
  name: string,
  mask: Columns,
  look: Look,
  camera: Camera,
  fast = false,
): void {
  const sprite = sprites.get(name) ?? new Sprite();
  sprites.delete(name);
  sprites.set(name, sprite);
  sprite.draw(context, mask, look, camera, fast);
  let kept = 0;
  for (const [key, one] of [...sprites].reverse()) {
    kept += one.cost;
    if (kept > MOST_KEPT && one !== sprite) sprites.delete(key);
  }
}

class Sprite {
  private canvas: OffscreenCanvas | null = null;
  private raster: Raster | null = null;
  private mask: Columns | null = null;
  private look: Look | null = null;

  get cost(): number {
    return this.raster ? this.raster.width * this.raster.height : 0;
  }

  draw(context: Context, mask: Columns, look: Look, camera: Camera, fast: boolean): void {
    const whole: Box | null = look.roomy
      ? { minX: 0, minY: 0, maxX: mask.width, maxY: mask.height }
      : extent(mask);
    if (!whole) return;
    const unit = context.getTransform().a;
    const view = { width: context.canvas.width / unit, height: context.canvas.height / unit };
    const seen = meet(visible(camera, view), whole);
    if (!seen) return;
    const known = this.raster;
    const stale =
      known !== null && known.scale !== camera.scale && !(fast && this.keeps(mask, look));
    if (!known || stale || !within(rasterOf(seen, known.scale), known) || !this.looks(look)) {
      const room = meet(visible(camera, view, MARGIN), whole) ?? seen;
      this.renew(mask, look, rasterOf(room, camera.scale, PAD));
    } else if (this.mask && this.mask !== mask) {
      const box = sameSize(this.mask, mask) ? changed(this.mask, mask) : whole;
      if (box) this.update(mask, look, box);
      this.mask = mask;
    }
    this.show(context, camera);
  }

  private looks(look: Look): boolean {
    const old = this.look;
    return old?.color === look.color && old.fill === look.fill && old.line === look.line;
  }

  private keeps(mask: Columns, look: Look): boolean {
    return this.mask === mask && this.looks(look);
  }

  private renew(mask: Columns, look: Look, raster: Raster): void {
    const { canvas } = this;
    if (canvas?.width !== raster.width || canvas.height !== raster.height) {
      this.canvas = new OffscreenCanvas(raster.width, raster.height);
    }
    this.raster = raster;
    this.mask = mask;
    this.look = look;
    this.put(drawn(mask, look, raster), raster, 0);
  }

  /** Draw anew what lies in a box of the picture. */
  private update(mask: Columns, look: Look, box: Box): void {
    const { raster } = this;
    if (!raster) return;
    const own = rasterOf(box, raster.scale, 2 * PAD);
    const left = Math.max(own.left, raster.left - PAD);
    const top = Math.max(own.top, raster.top - PAD);
    const width = Math.min(own.left + own.width, raster.left + raster.width + PAD) - left;
    const height = Math.min(own.top + own.height, raster.top + raster.height + PAD) - top;
    if (width <= 2 * PAD || height <= 2 * PAD) return;
    const part: Raster = { scale: raster.scale, left, top, width, height };
    this.put(drawn(mask, look, part), part, PAD);
  }

  /** `inset`: so much at the sides of the part was drawn without knowing what lies beside it. */
  private put(image: ImageData, part: Raster, inset: number): void {
    const context = this.canvas?.getContext("2d");
    if (!context || !this.raster) return;
    const { width, height } = part;
    context.putImageData(
      image,
      part.left - this.raster.left,
      part.top - this.raster.top,
      inset,
      inset,
      width - 2 * inset,
      height - 2 * inset,
    );
  }

  private show(context: Context, camera: Camera): void {
    if (!this.canvas || !this.raster) return;
    const { left, top, width, height, scale } = this.raster;
    const k = camera.scale / scale;
    context.save();
    turnTo(context, camera);
    context.imageSmoothingEnabled = k !== 1;
    context.drawImage(this.canvas, left * k, top * k, width * k, height * k);
    context.restore();
  }
}

/** The pixels of a mask with its line, and the line's counterpart in the other lightness around it. */
function drawn(mask: Columns, look: Look, raster: Raster): ImageData {
  const { width, height } = raster;
  const alpha = cover(mask, raster);
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const solid = rgba(look.color, 1);
  const inside = rgba(look.color, look.fill);
  const around = isDark(look.color) ? 0xbfffffff : 0x8c000000;
  const reach = look.line;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const at = row + x;
      if (alpha[at] === 0) {
        const touches =
          (x > 0 && alpha[at - 1] !== 0) ||
          (x < width - 1 && alpha[at + 1] !== 0) ||
          (y > 0 && alpha[at - width] !== 0) ||
          (y < height - 1 && alpha[at + width] !== 0);
        if (touches) pixels[at] = around;
        continue;
      }
      const edge =
        (x >= reach && alpha[at - reach] === 0) ||
        (x < width - reach && alpha[at + reach] === 0) ||
        (y >= reach && alpha[at - reach * width] === 0) ||
        (y < height - reach && alpha[at + reach * width] === 0);
      pixels[at] = edge ? solid : inside;
    }
  }
  return image;
}

/** A colour as a number in the order of a little-endian machine's ImageData. */
function rgba(color: string, alpha: number): number {
  const number = Number.parseInt(color.slice(1, 7), 16);
  const [r, g, b] = [(number >> 16) & 255, (number >> 8) & 255, number & 255];
  return ((Math.round(alpha * 255) << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

function sameSize(a: Columns, b: Columns): boolean {
  return a.width === b.width && a.height === b.height;
}
