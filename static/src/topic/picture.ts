/* PICTURE: regions on an image. So far rectangles, which iTAG writes as polygons of four points. */

import { register } from "../core/registry";
import type { Obj, Point } from "../core/types";
import type { PictureObject } from "../generated/schemas";

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
    points: (object) => (object.value ?? []) as Point[],
    create: (id, points, labels) =>
      ({
        id,
        type: "image/polygon",
        shape: "rectangle",
        value: points as PictureObject["value"],
        labels: labels as PictureObject["labels"],
      }) satisfies PictureObject & Obj,
    withPoints: (object, points) => ({ ...object, value: points }),
  },
});
