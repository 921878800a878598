/* What a timeline shows: ranges of seconds on tracks, and strips of what is heard or seen above them. */

import type { TimeView } from "./view";

export interface Range {
  start: number;
  end: number;
}

/** One labeled range; where both ends are the same it is an instant. */
export interface Segment extends Range {
  id: string;
  track: number;
  color: string;
  /** The words of its labels. */
  text: string;
  /** What was typed of it. */
  note?: string;
  locked?: boolean;
}

/** A segment of another answer: in dashed lines, in rows below. */
export type Ghost = Segment;

export interface Rect {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The colours of the theme. */
export interface Look {
  surface: string;
  raised: string;
  line: string;
  strong: string;
  text: string;
  quiet: string;
  accent: string;
  onAccent: string;
  font: string;
  dark: boolean;
}

/** What is heard or seen, along the time. */
export interface Strip {
  name: string;
  /** Its least height in pixels, and its share of what room is left. */
  least: number;
  weight: number;
  paint(context: CanvasRenderingContext2D, area: Rect, view: TimeView, look: Look): void;
}
