/* Where the picture is on the surface: screen = picture × scale + offset, in CSS pixels. */

import type { Point } from "../../core/types";
import type { Box, Size } from "./geometry";
import { clamp } from "./geometry";

export interface Camera {
  scale: number;
  x: number;
  y: number;
}

const LEAST = 0.02;
const MOST = 64;
const MARGIN = 24;

export function toScreen(camera: Camera, [x, y]: Point): Point {
  return [x * camera.scale + camera.x, y * camera.scale + camera.y];
}

export function toPicture(camera: Camera, [x, y]: Point): Point {
  return [(x - camera.x) / camera.scale, (y - camera.y) / camera.scale];
}

/** The whole picture in the middle of the view, with a margin. */
export function fit(picture: Size, view: Size): Camera {
  const scale = clamp(
    Math.min(
      (view.width - 2 * MARGIN) / picture.width,
      (view.height - 2 * MARGIN) / picture.height,
    ),
    LEAST,
    MOST,
  );
  return centred(picture, view, scale);
}

/** The picture in the middle of the view at a given scale. */
export function centred(picture: Size, view: Size, scale: number): Camera {
  return {
    scale,
    x: (view.width - picture.width * scale) / 2,
    y: (view.height - picture.height * scale) / 2,
  };
}

/** Zoom by a factor; the point of the picture under `at` stays where it is. */
export function zoomAt(camera: Camera, at: Point, factor: number): Camera {
  const scale = clamp(camera.scale * factor, LEAST, MOST);
  const real = scale / camera.scale;
  return { scale, x: at[0] - (at[0] - camera.x) * real, y: at[1] - (at[1] - camera.y) * real };
}

/** Move the picture; a part of it always stays in view. */
export function pan(camera: Camera, dx: number, dy: number, picture: Size, view: Size): Camera {
  const keep = 40;
  return {
    scale: camera.scale,
    x: clamp(camera.x + dx, keep - picture.width * camera.scale, view.width - keep),
    y: clamp(camera.y + dy, keep - picture.height * camera.scale, view.height - keep),
  };
}

/** What of the picture the view shows. */
export function visible(camera: Camera, view: Size, margin = 0): Box {
  const [minX, minY] = toPicture(camera, [-view.width * margin, -view.height * margin]);
  const [maxX, maxY] = toPicture(camera, [view.width * (1 + margin), view.height * (1 + margin)]);
  return { minX, minY, maxX, maxY };
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
  const width = box.maxX - box.minX;
  const height = box.maxY - box.minY;
  const scale = Math.min(
    camera.scale,
    (view.width - 2 * MARGIN) / Math.max(width, 1),
    (view.height - 2 * MARGIN) / Math.max(height, 1),
  );
  const middle: Point = [(box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2];
  return pan(
    { scale, x: view.width / 2 - middle[0] * scale, y: view.height / 2 - middle[1] * scale },
    0,
    0,
    picture,
    view,
  );
}
