/* Areas that are there: a ring cut out of one, one split along a line, several joined, lines with fewer points. */

import type { Key } from "../../../core/i18n";
import { type Algebra, cutOut, join, loadAlgebra, split } from "../clip";
import { hasVertices, isArea, type Outcome, type Ring, simplify } from "../polygon";
import { type Geometry, type Shape, sameGeometry } from "../shapes";
import { registerPath } from "./path";
import { registerAction } from "./registry";
import type { Around, Change, Edit, Effect, PointerInput } from "./tool";

/** A vertex that is no farther than this from the line without it, in pixels of the picture, can be left out. */
const TOLERANCE = 1;

registerPath({
  name: "cut",
  draws: null,
  group: "edit",
  key: "shift+c",
  text: "tool.cut",
  icon: "cut",
  ring: true,
  target: (input, around) => {
    const found = chosenArea(around) ?? around.shapes.hit(input.picture);
    return targeted(found, around, "cut.choose");
  },
  end: (points, target, around) => parted(target, around, points, cutOut),
});

registerPath({
  name: "split",
  draws: null,
  group: "edit",
  key: "shift+d",
  text: "tool.split",
  icon: "split",
  ring: false,
  target: (_input: PointerInput, around) => targeted(chosenArea(around), around, "split.choose"),
  end: (points, target, around) => parted(target, around, points, split),
});

function chosenArea({ selected }: Around): Shape | null {
  return selected && isArea(selected) ? selected : null;
}

function targeted(shape: Shape | null, { selection }: Around, otherwise: Key) {
  if (!shape || !isArea(shape)) return otherwise;
  if (shape.locked) return "areas.locked" as const;
  // Ahead of its use; whether it came is asked for then.
  void algebra();
  const chosen = selection.some(({ id }) => id === shape.id);
  const effects: Effect[] = chosen ? [] : [{ kind: "select", ids: [shape.id] }];
  return { id: shape.id, effects };
}

const UNLOADED: readonly Effect[] = [{ kind: "message", text: "areas.load" }];

/** The algebra, or null where the server cannot be reached that has it. */
function algebra(): Promise<Algebra | null> {
  return loadAlgebra().catch(() => null);
}

type Parting = (algebra: Algebra, geometry: Geometry, line: Ring) => Outcome<Geometry[]>;

/** The largest piece stays the region that was there; the others are new ones with its labels. */
function parted(
  target: string | null,
  around: Around,
  line: Ring,
  part: Parting,
): readonly Effect[] | Key {
  const work = async (): Promise<readonly Effect[]> => {
    const loaded = await algebra();
    if (!loaded) return UNLOADED;
    const shape = target === null ? null : around.shapes.get(target);
    if (!shape) return [];
    const { made, refused } = part(loaded, shape, line);
    if (!made) return [{ kind: "message", text: refused }];
    const [first, ...others] = made as [Geometry, ...Geometry[]];
    const edit: Edit = {
      kind: "edit",
      change: [{ id: shape.id, geometry: first }],
      create: others.map((geometry) => ({ geometry, like: shape.id })),
    };
    return [edit];
  };
  return [{ kind: "later", effects: work() }];
}

registerAction({
  name: "join",
  group: "edit",
  key: "shift+j",
  text: "action.join",
  icon: "join",
  needs: ["polygon"],
  why: ({ selection }) => {
    if (selection.length < 2 || !selection.every(isArea)) return "join.several";
    return selection.some(({ locked }) => locked) ? "areas.locked" : null;
  },
  async run({ selection, selected }) {
    const loaded = await algebra();
    if (!loaded) return UNLOADED;
    const kept = selected ?? selection[0];
    if (!kept) return [];
    const others = selection.filter(({ id }) => id !== kept.id);
    const { made, refused } = join(loaded, [kept, ...others]);
    if (!made) return [{ kind: "message", text: refused }];
    const edit: Edit = {
      kind: "edit",
      change: [{ id: kept.id, geometry: made }],
      remove: others.map(({ id }) => id),
    };
    return [edit, { kind: "select", ids: [kept.id] }];
  },
});

registerAction({
  name: "simplify",
  group: "edit",
  key: "shift+i",
  text: "action.simplify",
  icon: "simplify",
  needs: ["polygon", "polyline"],
  why: ({ selection }) => {
    if (!selection.some(hasVertices)) return "simplify.choose";
    return selection.every(({ locked }) => locked) ? "areas.locked" : null;
  },
  run({ selection }) {
    const change: Change[] = selection.flatMap((shape) => {
      if (!hasVertices(shape) || shape.locked) return [];
      const geometry = simplify(shape, TOLERANCE);
      return sameGeometry(shape, geometry) ? [] : [{ id: shape.id, geometry }];
    });
    if (change.length === 0) return [{ kind: "message", text: "simplify.nothing" }];
    return [{ kind: "edit", change }];
  },
});
