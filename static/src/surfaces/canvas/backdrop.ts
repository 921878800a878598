/* The picture under the shapes, on a canvas of its own: whole, or in the tiles that the view needs. */

import type { Picture } from "../../core/media";
import { areaOf, levelFor, type Place, parentOf, placesIn } from "../../core/pyramid";
import type { Tiles } from "../../core/tiles";
import { boxToScreen, type Camera, type Turn, visible } from "./camera";
import type { Box, Size } from "./geometry";
import { type Context, turnTo } from "./paint";

export interface Look {
  brightness: number;
  contrast: number;
}

export interface BackdropView {
  camera: Camera;
  size: Size;
  ratio: number;
  /** While the camera moves, speed goes before sharpness. */
  moving: boolean;
}

export class Backdrop {
  readonly canvas: HTMLCanvasElement;
  private picture: Picture | null = null;
  private size: Size = { width: 1, height: 1 };
  private drawn: BackdropView | null = null;

  /** `onChange`: there is more to be drawn. */
  constructor(
    document: Document,
    private readonly onChange: () => void,
  ) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "canvas-picture";
  }

  set(picture: Picture | null, size: Size): void {
    if (this.picture?.tiles) this.picture.tiles.onChange = null;
    this.picture = picture;
    this.size = size;
    this.drawn = null;
    if (picture?.tiles) picture.tiles.onChange = () => this.changed();
  }

  /** Brightness and contrast are the screen's: nothing that is read from the picture changes. */
  look({ brightness, contrast }: Look): void {
    const plain = brightness === 1 && contrast === 1;
    this.canvas.style.filter = plain ? "" : `brightness(${brightness}) contrast(${contrast})`;
  }

  resize(width: number, height: number): void {
    this.canvas.width = width;
    this.canvas.height = height;
    this.drawn = null;
  }

  close(): void {
    this.set(null, this.size);
    this.canvas.remove();
  }

  /** Draw what is not drawn yet. */
  draw(view: BackdropView): void {
    if (this.drawn && same(this.drawn, view)) return;
    const context = this.canvas.getContext("2d") as Context | null;
    if (!context) return;
    this.drawn = view;
    const { camera, size, ratio, moving } = view;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    if (!this.picture) return;
    // Single pixels stay visible when they are large on the screen.
    context.imageSmoothingEnabled = camera.scale < 3;
    context.imageSmoothingQuality = moving ? "low" : "high";
    const { bitmap, tiles } = this.picture;
    const whole: Box = { minX: 0, minY: 0, maxX: this.size.width, maxY: this.size.height };
    const draw = (image: ImageBitmap, source: Box, area: Box) =>
      drawPart(context, image, source, boxToScreen(camera, area), camera.turn, ratio);
    if (!tiles) {
      draw(bitmap, { minX: 0, minY: 0, maxX: bitmap.width, maxY: bitmap.height }, whole);
      return;
    }
    const level = levelFor(tiles.levels, camera.scale * ratio);
    const shown = placesIn(tiles.levels, tiles.side, level, visible(camera, size));
    for (const place of shown) {
      const area = areaOf(tiles.levels, tiles.side, place);
      const [image, from] = nearest(tiles, place);
      draw(image, partOf(image, areaOf(tiles.levels, tiles.side, from), area), area);
    }
    // What is around comes after what is seen.
    const around = placesIn(tiles.levels, tiles.side, level, visible(camera, size, 0.3));
    const seen = new Set(shown.map(({ column, row }) => `${column}/${row}`));
    tiles.want([...shown, ...around.filter(({ column, row }) => !seen.has(`${column}/${row}`))]);
  }

  private changed(): void {
    this.drawn = null;
    this.onChange();
  }
}

function same(a: BackdropView, b: BackdropView): boolean {
  return (
    a.camera === b.camera &&
    a.size === b.size &&
    a.ratio === b.ratio &&
    (a.moving === b.moving || !a.moving)
  );
}

/** The tile, or the sharpest that shows the same meanwhile. */
function nearest(tiles: Tiles, place: Place): [ImageBitmap, Place] {
  for (let at = place; at.level > 0; at = parentOf(at)) {
    const found = tiles.get(at);
    if (found) return [found, at];
  }
  return [tiles.overview, { level: 0, column: 0, row: 0 }];
}

/** Where an area of the picture is in an image of a larger one. */
function partOf(image: ImageBitmap, whole: Box, area: Box): Box {
  const x = image.width / (whole.maxX - whole.minX);
  const y = image.height / (whole.maxY - whole.minY);
  return {
    minX: (area.minX - whole.minX) * x,
    minY: (area.minY - whole.minY) * y,
    maxX: (area.maxX - whole.minX) * x,
    maxY: (area.maxY - whole.minY) * y,
  };
}

/** Draw an area of the picture at its own size, as sharp as it is there, with the area's corner at 0, 0. */
export function drawArea(context: Context, picture: Picture, size: Size, area: Box): void {
  const { bitmap, tiles } = picture;
  const draw = (image: ImageBitmap, whole: Box, part: Box) =>
    drawPart(context, image, partOf(image, whole, part), moved(part, area), 0, 1);
  if (!tiles) {
    draw(bitmap, { minX: 0, minY: 0, maxX: size.width, maxY: size.height }, area);
    return;
  }
  for (const place of placesIn(tiles.levels, tiles.side, tiles.levels.length - 1, area)) {
    const [image, from] = nearest(tiles, place);
    draw(
      image,
      areaOf(tiles.levels, tiles.side, from),
      common(areaOf(tiles.levels, tiles.side, place), area),
    );
  }
}

function moved(box: Box, { minX, minY }: Box): Box {
  return {
    minX: box.minX - minX,
    minY: box.minY - minY,
    maxX: box.maxX - minX,
    maxY: box.maxY - minY,
  };
}

function common(a: Box, b: Box): Box {
  return {
    minX: Math.max(a.minX, b.minX),
    minY: Math.max(a.minY, b.minY),
    maxX: Math.min(a.maxX, b.maxX),
    maxY: Math.min(a.maxY, b.maxY),
  };
}

/** Draw a part of an image on a box of the screen. Its edges are those of device pixels: neighbours leave no gap. */
function drawPart(
  context: Context,
  image: ImageBitmap,
  source: Box,
  target: Box,
  turn: Turn,
  ratio: number,
): void {
  const snap = (value: number) => Math.round(value * ratio) / ratio;
  const [left, top] = [snap(target.minX), snap(target.minY)];
  const [right, bottom] = [snap(target.maxX), snap(target.maxY)];
  const width = turn % 2 === 0 ? right - left : bottom - top;
  const height = turn % 2 === 0 ? bottom - top : right - left;
  context.save();
  // The corner of the box on which the picture's top left corner lies.
  const x = turn === 0 || turn === 3 ? left : right;
  const y = turn === 0 || turn === 1 ? top : bottom;
  turnTo(context, { scale: 1, x, y, turn });
  context.drawImage(
    image,
    source.minX,
    source.minY,
    source.maxX - source.minX,
    source.maxY - source.minY,
    0,
    0,
    width,
    height,
  );
  context.restore();
}
