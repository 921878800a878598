/* PICTURE: regions on an image. Rectangles, turned ones and polygons are what iTAG writes as polygons. */

import { register } from "../core/registry";
import type { Obj, Point } from "../core/types";
import type { PictureObject } from "../generated/schemas";
import { pointsOf } from "../surfaces/canvas/geometry";
import { maskBox } from "../surfaces/canvas/rle";
import type { Geometry, Rle, ShapeKind } from "../surfaces/canvas/shapes";

/** What an object of each shape is called in results. */
const TYPES: Record<ShapeKind, PictureObject["type"]> = {
  rectangle: "image/polygon",
  rotated: "image/polygon",
  polygon: "image/polygon",
  polyline: "image/polyline",
  point: "image/point",
  mask: "image/mask",
};

/** The members of an object that say where it lies. */
export function placed(
  geometry: Geometry,
): Pick<PictureObject, "type" | "shape" | "value" | "holes"> {
  const { kind, points, holes, mask } = geometry;
  const value = (mask ?? points) as PictureObject["value"];
  const rings = holes && holes.length > 0 ? { holes: holes as [number, number][][] } : {};
  return { type: TYPES[kind], shape: kind, value, ...rings };
}

/** Where an object lies. */
export function geometryOf(object: Obj): Geometry {
  const kind = (object.shape ?? "polygon") as ShapeKind;
  if (kind === "mask") {
    const mask = object.value as Rle;
    return { kind, points: pointsOf(maskBox(mask)), mask };
  }
  const points = (object.value ?? []) as Point[];
  const holes = object.holes as Point[][] | undefined;
  return holes && holes.length > 0 ? { kind, points, holes } : { kind, points };
}

/** The object at another place; what else it says stays. */
export function replaced(object: Obj, geometry: Geometry): Obj {
  const { holes: _, feather, ...rest } = object;
  const soft = geometry.kind === "mask" && feather !== undefined ? { feather } : {};
  return { ...rest, ...soft, ...placed(geometry) };
}

register({
  kind: "topic",
  type: "PICTURE",
  accepts: ["Image"],
  regions: {
    shell: (question, media) => ({
      questionId: question.questionId,
      type: "image",
      rotation: 0,
      width: media?.width ?? 0,
      height: media?.height ?? 0,
    }),
    plane: {
      geometry: geometryOf,
      create: (id, geometry, labels) =>
        ({
          id,
          ...placed(geometry),
          labels: labels as PictureObject["labels"],
        }) satisfies PictureObject & Obj,
      withGeometry: replaced,
    },
  },
});
