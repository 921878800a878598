/* Where the picture is on the surface: screen = turned picture × scale + offset, in CSS pixels. Only the view is
   turned: what is stored stays in upright original pixels. */

import type { Point } from "../../core/types";
import type { Box, Size } from "./geometry";
import { boxOf, clamp } from "./geometry";

/** Quarter turns of the view, clockwise. */
export type Turn = 0 | 1 | 2 | 3;

export interface Camera {
  readonly scale: number;
  /** Where the picture's top left corner is. */
  readonly x: number;
  readonly y: number;
  readonly turn: Turn;
}

const LEAST = 0.02;
const MOST = 64;
const MARGIN = 24;

/** A way over the picture as it looks on the turned view. */
export function turned(turn: Turn, [x, y]: Point): Point {
  // 0 - n, not -n: no -0 gets into coordinates.
  if (turn === 1) return [0 - y, x];
  if (turn === 2) return [0 - x, 0 - y];
  return turn === 3 ? [y, 0 - x] : [x, y];
}

/** A way over the screen as one over the picture: what arrow keys mean on a turned view. */
export function unturned(turn: Turn, way: Point): Point {
  return turned(((4 - turn) % 4) as Turn, way);
}

export function toScreen(camera: Camera, point: Point): Point {
  const [x, y] = turned(camera.turn, point);
  return [x * camera.scale + camera.x, y * camera.scale + camera.y];
}

export function toPicture(camera: Camera, [x, y]: Point): Point {
  const { scale } = camera;
  return unturned(camera.turn, [(x - camera.x) / scale, (y - camera.y) / scale]);
}

/** A box of the picture on the screen. */
export function boxToScreen(camera: Camera, box: Box): Box {
  return boxOf([toScreen(camera, [box.minX, box.minY]), toScreen(camera, [box.maxX, box.maxY])]);
}

/** The picture's extent on the screen at scale 1. */
function extent({ width, height }: Size, turn: Turn): Size {
  return turn % 2 === 0 ? { width, height } : { width: height, height: width };
}

/** The camera under which a point of the picture is in the middle of the view. */
export function centredAt(point: Point, view: Size, scale: number, turn: Turn): Camera {
  const [x, y] = turned(turn, point);
  return { scale, turn, x: view.width / 2 - x * scale, y: view.height / 2 - y * scale };
}

/** The whole picture in the middle of the view, with a margin. */
export function fit(picture: Size, view: Size, turn: Turn): Camera {
  return centred(picture, view, fitting(extent(picture, turn), view), turn);
}

function fitting(size: Size, view: Size): number {
  return clamp(
    Math.min(
      (view.width - 2 * MARGIN) / Math.max(size.width, 1),
      (view.height - 2 * MARGIN) / Math.max(size.height, 1),
    ),
    LEAST,
    MOST,
  );
}

/** The picture in the middle of the view at a given scale. */
export function centred(picture: Size, view: Size, scale: number, turn: Turn): Camera {
  return centredAt([picture.width / 2, picture.height / 2], view, scale, turn);
}

/** Zoom by a factor; the point of the picture under `at` stays where it is. */
export function zoomAt(camera: Camera, at: Point, factor: number): Camera {
  const scale = clamp(camera.scale * factor, LEAST, MOST);
  const real = scale / camera.scale;
  return {
    ...camera,
    scale,
    x: at[0] - (at[0] - camera.x) * real,
    y: at[1] - (at[1] - camera.y) * real,
  };
}

/** Move the picture; a part of it always stays in view. */
export function pan(camera: Camera, dx: number, dy: number, picture: Size, view: Size): Camera {
  const keep = 40;
  const box = boxToScreen(camera, { minX: 0, minY: 0, maxX: picture.width, maxY: picture.height });
  return {
    ...camera,
    x: camera.x + clamp(dx, keep - box.maxX, view.width - keep - box.minX),
    y: camera.y + clamp(dy, keep - box.maxY, view.height - keep - box.minY),
  };
}

/** Turn the view by quarters; the point of the picture in the middle of the view stays there. */
export function turnBy(camera: Camera, quarters: number, view: Size): Camera {
  const middle = toPicture(camera, [view.width / 2, view.height / 2]);
  const turn = ((((camera.turn + quarters) % 4) + 4) % 4) as Turn;
  return centredAt(middle, view, camera.scale, turn);
}

/** What of the picture the view shows. */
export function visible(camera: Camera, view: Size, margin = 0): Box {
  return boxOf([
    toPicture(camera, [-view.width * margin, -view.height * margin]),
    toPicture(camera, [view.width * (1 + margin), view.height * (1 + margin)]),
  ]);
}

/** A box as large as the view shows it well, in its middle. */
export function closeUp(camera: Camera, box: Box, view: Size): Camera {
  const size = extent({ width: box.maxX - box.minX, height: box.maxY - box.minY }, camera.turn);
  // Of something small the surroundings are shown too, not its pixels alone.
  const scale = Math.min(fitting(size, view) * 0.6, Math.max(8, camera.scale));
  const middle: Point = [(box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2];
  return centredAt(middle, view, scale, camera.turn);
}

/** Move so that a box is in view, zooming out only if it does not fit. */
export function reveal(camera: Camera, box: Box, picture: Size, view: Size): Camera {
  const shown = visible(camera, view);
  if (
    box.minX >= shown.minX &&
    box.maxX <= shown.maxX &&
    box.minY >= shown.minY &&
    box.maxY <= shown.maxY
  ) {
    return camera;
  }
  const size = extent({ width: box.maxX - box.minX, height: box.maxY - box.minY }, camera.turn);
  const scale = Math.min(camera.scale, fitting(size, view));
  const middle: Point = [(box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2];
  return pan(centredAt(middle, view, scale, camera.turn), 0, 0, picture, view);
}
