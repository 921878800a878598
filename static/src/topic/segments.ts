/* VIDEO: ranges of seconds on tracks, of a sound or of a film. */

import { register } from "../core/registry";
import type { Obj } from "../core/types";
import { formatTime } from "../surfaces/timeline/ticks";
import { microseconds } from "../surfaces/timeline/view";

/** A track of its own is said only where it is not the first. */
function placed({ start, end, track = 0 }: { start: number; end: number; track?: number }) {
  const place = { start: microseconds(start), end: microseconds(end) };
  return track > 0 ? { ...place, track } : place;
}

export function trackOf(object: Obj): number {
  return typeof object.track === "number" ? object.track : 0;
}

register({
  kind: "topic",
  type: "VIDEO",
  accepts: ["Audio", "Video"],
  regions: {
    shell: (question, media) => ({
      questionId: question.questionId,
      type: question.kind ?? "audio",
      duration: microseconds(media?.duration ?? 0),
    }),
    line: {
      unit: "second",
      range: (object) => ({
        start: object.start as number,
        end: object.end as number,
        track: trackOf(object),
      }),
      create: (id, range, labels) => ({ id, type: "time/segment", ...placed(range), labels }),
      withRange: ({ track: _, ...object }, range) => ({ ...object, ...placed(range) }) as Obj,
      words: (object) => {
        const [start, end] = [object.start as number, object.end as number];
        if (start === end) return formatTime(start, 2);
        return `${formatTime(start, 2)} – ${formatTime(end, 2)}`;
      },
    },
  },
});
