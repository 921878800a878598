/* The vertices of polygons and open lines: dragged, put on an edge, taken away; by mouse and by keys. */

import type { Point } from "../../../core/types";
import { toScreen } from "../camera";
import { distance } from "../geometry";
import {
  edgeNear,
  halve,
  hasVertices,
  insertVertex,
  isClosed,
  moveVertex,
  type Outcome,
  pointAt,
  removeVertex,
  ringsOf,
  settled,
  snapped,
  stepVertex,
  type Vertex,
  vertexNear,
} from "../polygon";
import { type Geometry, type Shape, type ShapeKind, sameGeometry } from "../shapes";
import type { Snap } from "../snap";
import { SnapOption, snapKeys } from "./options";
import { placeOf, reachOf } from "./reach";
import { registerGrips, registerTool } from "./registry";
import { paintNumbers, paintSnap, paintVertex } from "./signs";
import {
  type Around,
  CLICK,
  type Effect,
  type Gesture,
  type Grip,
  IDLE,
  type Input,
  type PointerInput,
  type Result,
} from "./tool";

interface Held extends Gesture {
  id: string;
  start: Geometry;
  now: Geometry;
  vertex: Vertex;
}

interface Drag extends Held {
  kind: "drag";
  pressed: Point;
  dragged: boolean;
  /** A click without a drag takes the vertex away. */
  removes: boolean;
  snap: Snap | null;
}

/** One vertex after the other is chosen by Tab and moved by the arrow keys. */
interface Walk extends Held {
  kind: "walk";
  keys: true;
}

/** On the screen, an edge has a grip for a new vertex from this length on, and vertices are this far from each other. */
const EDGE = 44;
const APART = 7;

registerTool<Drag | Walk>({
  name: "vertices",
  draws: null,
  needs: ["polygon", "polyline"],
  group: "edit",
  key: "F4",
  text: "tool.vertices",
  icon: "vertices",
  cursor: "default",
  handles: true,
  press(input, around) {
    const shape = editable(around);
    if (!shape) return null;
    const reach = reachOf(input) / around.scale;
    const vertex = vertexNear(shape, input.picture, reach);
    if (vertex) return drag(shape, vertex, shape, input);
    const on = edgeNear(shape, input.picture, reach);
    if (!on || input.button !== 0) return null;
    const made = insertVertex(shape, on, on.point, around.size);
    return drag(shape, made.vertex, made.geometry, input);
  },
  reduce: (gesture, input, around) =>
    gesture.kind === "drag" ? dragging(gesture, input, around) : walking(gesture, input, around),
  begin: walk,
  preview: ({ id, now }) => [{ id, geometry: now }],
  paint(context, gesture, { camera, font }) {
    if (gesture.kind !== "drag" && gesture.kind !== "walk") return;
    let last: Point | null = null;
    for (const point of ringsOf(gesture.now).flat()) {
      const at = toScreen(camera, point);
      if (last && distance(last, at) < APART) continue;
      last = at;
      paintVertex(context, at, "plain");
    }
    const point = pointAt(gesture.now, gesture.vertex);
    if (!point) return;
    const at = toScreen(camera, point);
    paintVertex(context, at, "chosen");
    if (gesture.kind === "walk") paintNumbers(context, at, font, point);
    if (gesture.kind === "drag" && gesture.snap) paintSnap(context, at, gesture.snap.on);
  },
  cursorOf: () => "move",
  options: SnapOption,
  keys: snapKeys,
});

function editable({ selection, selected, frozen }: Around): Shape | null {
  const only = selection.length === 1 ? selected : null;
  return only && hasVertices(only) && !only.locked && !frozen ? only : null;
}

function drag(shape: Shape, vertex: Vertex, now: Geometry, input: PointerInput): Result {
  const gesture: Drag = {
    tool: "vertices",
    kind: "drag",
    id: shape.id,
    start: plain(shape),
    now: plain(now),
    vertex,
    pressed: input.screen,
    dragged: false,
    removes: input.alt || input.button === 2,
    snap: null,
  };
  return [gesture, []];
}

/** Without what a shape has beside its place. */
function plain({ kind, points, holes }: Geometry): Geometry {
  return holes ? { kind, points, holes } : { kind, points };
}

function dragging(gesture: Drag, input: Input, around: Around): Result | null {
  if (input.kind !== "move" && input.kind !== "up") return null;
  const dragged = gesture.dragged || distance(gesture.pressed, input.screen) >= CLICK;
  let next: Drag = { ...gesture, dragged };
  if (dragged) {
    const { point, snap } = placeOf(input, around, gesture.id);
    next = { ...next, now: moveVertex(gesture.now, gesture.vertex, point, around.size), snap };
  }
  if (input.kind === "move") return [next, []];
  if (!dragged && gesture.removes) {
    return [IDLE, changes(gesture, removeVertex(gesture.start, gesture.vertex))];
  }
  return [IDLE, changes(gesture, settled(next.now))];
}

function changes({ id, start }: Held, { made, refused }: Outcome<Geometry>): Effect[] {
  if (!made) return [{ kind: "message", text: refused }];
  return sameGeometry(start, made) ? [] : [{ kind: "change", id, geometry: made }];
}

function walk(around: Around): Result {
  const shape = editable(around);
  if (!shape) return [IDLE, [{ kind: "message", text: "vertex.choose" }]];
  const start = plain(shape);
  const vertex = { ring: 0, at: 0 };
  const gesture: Walk = {
    tool: "vertices",
    kind: "walk",
    keys: true,
    id: shape.id,
    start,
    now: start,
    vertex,
  };
  return [gesture, []];
}

function walking(gesture: Walk, input: Input, around: Around): Result | null {
  const { now, vertex } = gesture;
  const again: Walk = { ...gesture, now: gesture.start };
  switch (input.kind) {
    case "arrow": {
      const [x, y] = pointAt(now, vertex) as Point;
      const to = snapped([x + input.dx, y + input.dy], around.size);
      const moved: Walk = { ...gesture, now: moveVertex(now, vertex, to, around.size) };
      return [moved, []];
    }
    case "step":
      return kept(gesture, settled(now), (made) =>
        stepVertex(made, vertexIn(made, gesture), input.by),
      );
    case "insert": {
      const made = halve(now, vertex, around.size);
      return kept({ ...gesture, now: made.geometry }, settled(made.geometry), () => made.vertex);
    }
    case "remove":
      return kept(gesture, removeVertex(now, vertex), (made) =>
        stepVertex(made, { ring: vertex.ring, at: vertex.at }, -1),
      );
    case "back":
      return sameGeometry(now, gesture.start) ? null : [again, []];
    case "finish":
      return [IDLE, changes(gesture, settled(now))];
    case "down": {
      const on = vertexNear(now, input.picture, reachOf(input) / around.scale);
      const effects = changes(gesture, settled(now));
      const shape = around.shapes.get(gesture.id);
      if (!on || !shape || effects.length > 0) return [IDLE, effects];
      return drag(shape, on, now, input);
    }
    default:
      return null;
  }
}

/** What was done to one vertex is one step of undo, and the walk goes on. */
function kept(gesture: Walk, outcome: Outcome<Geometry>, next: (made: Geometry) => Vertex): Result {
  const effects = changes(gesture, outcome);
  const { made } = outcome;
  if (!made) return [gesture, effects];
  const on: Walk = { ...gesture, start: made, now: made, vertex: next(made) };
  return [on, effects];
}

/** Where the vertex is after others have gone that lay at its place. */
function vertexIn(made: Geometry, { now, vertex }: Walk): Vertex {
  const point = pointAt(now, vertex) as Point;
  const at = pointAt(made, vertex);
  if (at && at[0] === point[0] && at[1] === point[1]) return vertex;
  return vertexNear(made, point, 0.01) ?? { ring: 0, at: 0 };
}

for (const kind of ["polygon", "polyline"] satisfies ShapeKind[]) {
  registerGrips({ kind, of: grips, press: pressGrip });
}

/** A grip on every vertex and, on long edges, one for a new vertex; where they are dense, zooming in shows the rest. */
function grips(shape: Shape, around: Around): Grip[] {
  const vertices: Grip[] = [];
  const edges: Grip[] = [];
  for (const [ring, points] of ringsOf(shape).entries()) {
    const places = points.map((point) => around.toScreen(point));
    let last: Point | null = null;
    for (const [at, place] of places.entries()) {
      const next = places[(at + 1) % places.length] as Point;
      const edge = isClosed(shape) || at < places.length - 1;
      if (edge && distance(place, next) >= EDGE) {
        const middle: Point = [(place[0] + next[0]) / 2, (place[1] + next[1]) / 2];
        edges.push({ name: `edge/${ring}/${at}`, at: middle, look: "insert", cursor: "copy" });
      }
      if (last && distance(last, place) < APART) continue;
      last = place;
      vertices.push({ name: `vertex/${ring}/${at}`, at: place, look: "vertex", cursor: "move" });
    }
  }
  return [...edges, ...vertices];
}

function pressGrip(shape: Shape, grip: Grip, input: PointerInput, around: Around): Result | null {
  const [what, ring, at] = grip.name.split("/");
  const vertex: Vertex = { ring: Number(ring), at: Number(at) };
  if (what === "vertex") return drag(shape, vertex, shape, input);
  if (input.button !== 0) return null;
  const made = halve(shape, vertex, around.size);
  return drag(shape, made.vertex, made.geometry, input);
}
