/* Where arrows between spans of a text run, and where their labels stand: pure numbers.

   Above every line of text there is a gap of lanes. A label stands in a lane of the gap above its arrow's first end and
   never over another label or over text, however many there are: what has no room in a lane makes the gap one lane
   higher. An arrow within one line runs along its label's lane. One between lines goes from its label up to the bus, a
   thin lane on top of the gap, along it to the margin, down or up the margin, and along the bus of the other line: the
   lines of buses and margins are shared, labels are not. */

/** A span as far as an arrow needs it: its line, counted from the top, and its edges in the text's column, in px. */
export interface Anchor {
  line: number;
  left: number;
  right: number;
}

/** One arrow; `width`: of its label with its surroundings, in px. */
export interface Tie {
  id: string;
  from: Anchor;
  to: Anchor;
  width: number;
}

export interface Label {
  line: number;
  /** Lanes are counted from the text upwards. */
  lane: number;
  left: number;
  width: number;
}

export interface Run {
  id: string;
  label: Label;
  from: { line: number; x: number };
  to: { line: number; x: number };
  /** By which side's margin an arrow between lines goes. */
  side: "left" | "right" | null;
}

export interface Plan {
  /** How many lanes the gap above each line has. */
  lanes: number[];
  /** Whether an arrow between lines ends at the line: its gap has a bus. */
  bus: boolean[];
  runs: Run[];
}

/** The least distance between labels of one lane. */
const GAP = 4;

/** Give every label its place. `lines`: how many lines there are; `width`: of the text's column. */
export function planArrows(ties: readonly Tie[], lines: number, width: number): Plan {
  const lanes: Lane[][] = Array.from({ length: lines }, () => []);
  const bus = new Array<boolean>(lines).fill(false);
  const runs: Run[] = [];
  for (const tie of [...ties].sort(shortFirst)) {
    const { from, to } = tie;
    const same = from.line === to.line;
    const ends = same ? facing(from, to) : { from: middle(from), to: middle(to) };
    const own = Math.min(tie.width, width);
    const centre = same ? (ends.from + ends.to) / 2 : ends.from;
    const left = Math.min(Math.max(0, centre - own / 2), width - own);
    const reach = same
      ? [Math.min(left, ends.from, ends.to), Math.max(left + own, ends.from, ends.to)]
      : [left, left + own];
    const lane = taken(lanes[from.line] as Lane[], reach[0] as number, reach[1] as number);
    if (!same) {
      bus[from.line] = true;
      bus[to.line] = true;
    }
    runs.push({
      id: tie.id,
      label: { line: from.line, lane, left, width: own },
      from: { line: from.line, x: ends.from },
      to: { line: to.line, x: ends.to },
      side: same ? null : ends.from + ends.to < width ? "left" : "right",
    });
  }
  return { lanes: lanes.map((one) => one.length), bus, runs };
}

type Lane = [number, number][];

/** The lowest lane where there is room from one place to another, which is taken then. */
function taken(lanes: Lane[], from: number, to: number): number {
  const free = (lane: Lane) => lane.every(([a, b]) => to + GAP <= a || b + GAP <= from);
  let at = lanes.findIndex(free);
  if (at < 0) {
    at = lanes.length;
    lanes.push([]);
  }
  (lanes[at] as Lane).push([from, to]);
  return at;
}

/** Short arrows stand below long ones, so that few of them cross. */
function shortFirst(a: Tie, b: Tie): number {
  return lengthOf(a) - lengthOf(b) || a.from.left - b.from.left || (a.id < b.id ? -1 : 1);
}

function lengthOf({ from, to }: Tie): number {
  return from.line === to.line ? Math.abs(middle(from) - middle(to)) : 0;
}

function middle({ left, right }: Anchor): number {
  return (left + right) / 2;
}

/** Where an arrow within one line leaves and arrives: not at the middles, where several would meet. */
function facing(from: Anchor, to: Anchor): { from: number; to: number } {
  const part = ({ left, right }: Anchor, share: number) => left + (right - left) * share;
  return middle(from) <= middle(to)
    ? { from: part(from, 0.7), to: part(to, 0.3) }
    : { from: part(from, 0.3), to: part(to, 0.7) };
}

// --- on the page ------------------------------------------------------------------------------------------------------

export interface Heights {
  /** Of a lane with its label, and of the bus. */
  lane: number;
  bus: number;
}

/** How high the gap above a line is. */
export function gapOf(plan: Plan, line: number, heights: Heights): number {
  return (plan.lanes[line] ?? 0) * heights.lane + (plan.bus[line] ? heights.bus : 0);
}

export interface Drawn {
  id: string;
  /** The corners of the line, from the first span to the second. */
  points: [number, number][];
  label: { left: number; top: number; width: number; height: number };
}

/**
 * The lines and labels in px of the text's column. `tops`: where the glyphs of each line begin; `width`: of the column;
 * `margin`: how far outside of it the margins' lines run, one a few px beside the other up to `room`.
 */
export function drawArrows(
  plan: Plan,
  tops: readonly number[],
  width: number,
  heights: Heights,
  room = 40,
): Drawn[] {
  const used = { left: 0, right: 0 };
  const laneY = (line: number, lane: number) =>
    (tops[line] as number) - lane * heights.lane - heights.lane / 2;
  const busY = (line: number) =>
    (tops[line] as number) - (plan.lanes[line] as number) * heights.lane - heights.bus / 2;
  return plan.runs.map((run) => {
    const { from, to, label, side } = run;
    const y = laneY(label.line, label.lane);
    const start: [number, number] = [from.x, tops[from.line] as number];
    const end: [number, number] = [to.x, tops[to.line] as number];
    const points: [number, number][] = [start];
    if (side === null) points.push([from.x, y], [to.x, y]);
    else {
      const out = 4 + ((used[side]++ * 3) % Math.max(1, room - 8));
      const x = side === "left" ? -out : width + out;
      const [a, b] = [busY(from.line), busY(to.line)];
      points.push([from.x, a], [x, a], [x, b], [to.x, b]);
    }
    points.push(end);
    const top = y - heights.lane / 2;
    return {
      id: run.id,
      points,
      label: { left: label.left, top, width: label.width, height: heights.lane },
    };
  });
}
