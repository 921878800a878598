/* The gesture that moves the picture under the view; the hand answers it, whichever tool began it. */

import type { Point } from "../../../core/types";
import type { Gesture } from "./tool";

export interface Pan extends Gesture {
  kind: "pan";
  at: Point;
}

/** Move the picture from a press on. */
export function panFrom(at: Point): Pan {
  return { tool: "hand", kind: "pan", at };
}
