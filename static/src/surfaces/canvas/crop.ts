/* A region cut out of its picture and put upright, for whoever reads what stands in it. */

import type { Point } from "../../core/types";
import { type Box, boxOf, clamp, type Size } from "./geometry";
import type { Geometry } from "./shapes";

/** Where a cut lies in the picture: from `origin` along two unit vectors, in pixels of the picture. */
export interface Frame {
  origin: Point;
  across: Point;
  down: Point;
  width: number;
  height: number;
}

const AROUND = 0.15;
const LARGEST = 8;

/** The frame of a region: a turned rectangle's own, with its first side on top, else the upright box around it. */
export function frameOf({ kind, points }: Geometry): Frame {
  const [a, b, , d] = points;
  if (kind === "rotated" && points.length === 4 && a && b && d) {
    const width = Math.hypot(b[0] - a[0], b[1] - a[1]);
    const height = Math.hypot(d[0] - a[0], d[1] - a[1]);
    if (width > 0 && height > 0) {
      return {
        origin: a,
        across: [(b[0] - a[0]) / width, (b[1] - a[1]) / width],
        down: [(d[0] - a[0]) / height, (d[1] - a[1]) / height],
        width,
        height,
      };
    }
  }
  const box = boxOf(points);
  return {
    origin: [box.minX, box.minY],
    across: [1, 0],
    down: [0, 1],
    width: Math.max(1, box.maxX - box.minX),
    height: Math.max(1, box.maxY - box.minY),
  };
}

/** The frame with some of the picture around it, so that a sign cut off at its side is seen to be. */
export function widened(frame: Frame): Frame {
  const more = Math.max(2, AROUND * Math.min(frame.width, frame.height));
  const { origin, across, down } = frame;
  return {
    ...frame,
    origin: [origin[0] - more * (across[0] + down[0]), origin[1] - more * (across[1] + down[1])],
    width: frame.width + 2 * more,
    height: frame.height + 2 * more,
  };
}

/** How many screen pixels a pixel of the picture takes, so that the cut fills the room without becoming a blur. */
export function scaleFor(frame: Frame, room: Size): number {
  return clamp(Math.min(room.width / frame.width, room.height / frame.height), 0.01, LARGEST);
}

export type Matrix = readonly [number, number, number, number, number, number];

/** Takes pixels of the picture to the cut's, as `setTransform` wants it. */
export function matrixOf(frame: Frame, scale: number): Matrix {
  const { origin, across, down } = frame;
  const along = across[0] * origin[0] + across[1] * origin[1];
  const below = down[0] * origin[0] + down[1] * origin[1];
  return [
    across[0] * scale,
    down[0] * scale,
    across[1] * scale,
    down[1] * scale,
    -along * scale,
    -below * scale,
  ];
}

/** The upright part of the picture that a frame needs. */
export function neededOf(frame: Frame, size: Size): Box {
  const corner = (x: number, y: number): Point => [
    frame.origin[0] + x * frame.across[0] + y * frame.down[0],
    frame.origin[1] + x * frame.across[1] + y * frame.down[1],
  ];
  const { width, height } = frame;
  const box = boxOf([corner(0, 0), corner(width, 0), corner(width, height), corner(0, height)]);
  return {
    minX: clamp(Math.floor(box.minX), 0, size.width),
    minY: clamp(Math.floor(box.minY), 0, size.height),
    maxX: clamp(Math.ceil(box.maxX), 0, size.width),
    maxY: clamp(Math.ceil(box.maxY), 0, size.height),
  };
}
