/* SLOT: spans of a text, each with labels, and relations between them. */

import { register } from "../core/registry";
import type { Obj } from "../core/types";
import { relationLayer } from "./relation-layer";
import { inShort } from "./typed";

export const SPAN = "text/span";
export const RELATION = "text/relation";

register({
  kind: "topic",
  type: "SLOT",
  accepts: ["Text"],
  textLayer: relationLayer,
  regions: {
    shell: ({ questionId }) => ({ questionId, type: "text" }),
    asked: ({ children = [], relationChildren = [] }, { type }) =>
      type === RELATION ? relationChildren : children,
    // A relation goes with the spans at its ends.
    needs: (object) =>
      object.type === RELATION ? [object.from as string, object.to as string] : [],
    link: {
      ends: (object) =>
        object.type === RELATION ? { from: object.from as string, to: object.to as string } : null,
      create: (id, from, to, labels) =>
        ({ id, type: RELATION, from, to, labels: { ...labels } }) satisfies Obj,
    },
    line: {
      unit: "character",
      range: (object) =>
        object.type === SPAN ? { start: object.start as number, end: object.end as number } : null,
      create: (id, { start, end, text = "" }, labels) =>
        ({ id, type: SPAN, start, end, text, labels }) satisfies Obj,
      withRange: (object, { start, end, text = "" }) => ({ ...object, start, end, text }),
      words: (object) => inShort(object.text),
    },
  },
});
