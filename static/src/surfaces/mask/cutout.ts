/* Cut-outs: the picture where masks and areas are, transparent elsewhere. */

import type { Point } from "../../core/types";
import type { Rle } from "../canvas/shapes";
import { cover, type Raster, radiusOf, soften } from "./alpha";
import { areaMask } from "./area";
import { type Columns, columnsOf } from "./columns";

/** What of the picture stays. */
export type Part = { mask: Rle; feather: number } | { rings: Point[][] };

export interface Cutting {
  /** The picture's file. */
  file: Blob;
  width: number;
  height: number;
  parts: readonly Part[];
}

export interface SoftMask {
  mask: Columns;
  /** Over how many pixels of the picture its edge fades to either side. */
  feather: number;
}

export function softMask(part: Part, size: { width: number; height: number }): SoftMask {
  if ("mask" in part) return { mask: columnsOf(part.mask), feather: part.feather };
  return { mask: areaMask(part.rings, size), feather: 0 };
}

/** How much of each raster pixel stays: of several masks the one that keeps most of it. */
export function opacity(
  masks: readonly SoftMask[],
  raster: Raster,
): Uint8ClampedArray<ArrayBuffer> {
  const { width, height } = raster;
  const all = new Uint8ClampedArray(width * height);
  for (const { mask, feather } of masks) {
    if (feather === 0) {
      cover(mask, raster, all);
      continue;
    }
    // What lies beside the raster fades into it.
    const around = Math.ceil(feather * raster.scale) + 1;
    const wide: Raster = {
      scale: raster.scale,
      left: raster.left - around,
      top: raster.top - around,
      width: width + 2 * around,
      height: height + 2 * around,
    };
    const own = cover(mask, wide);
    soften(own, wide.width, wide.height, radiusOf(feather) * raster.scale);
    for (let y = 0; y < height; y++) {
      const row = (y + around) * wide.width + around;
      for (let x = 0; x < width; x++) {
        const value = own[row + x] as number;
        if (value > (all[y * width + x] as number)) all[y * width + x] = value;
      }
    }
  }
  return all;
}

/** So many rows are worked on at a time: the pixels of a large picture are never all held twice. */
const ROWS = 512;

/** The cut-out as PNG, upright and in full resolution. Throws where the file or the size is beyond the browser. */
export async function cutOut({ file, width, height, parts }: Cutting): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new RangeError("too large");
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const masks = parts.map((part) => softMask(part, { width, height }));
  for (let top = 0; top < height; top += ROWS) {
    const rows = Math.min(ROWS, height - top);
    const image = context.getImageData(0, top, width, rows);
    const kept = opacity(masks, { scale: 1, left: 0, top, width, height: rows });
    for (let at = 0; at < kept.length; at++) {
      const place = 4 * at + 3;
      image.data[place] = ((image.data[place] as number) * (kept[at] as number)) / 255;
    }
    context.putImageData(image, 0, top);
  }
  return canvas.convertToBlob({ type: "image/png" });
}
