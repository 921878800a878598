/* Runs the gestures of one surface: turns pointer and keys into inputs of tools, and effects into what they ask for. */

import { computed, signal } from "@preact/signals";
import type { Key } from "../../core/i18n";
import type { Point } from "../../core/types";
import { gripAt } from "./grips";
import type { Geometry } from "./shapes";
import { drive } from "./tools/drive";
import { toolNamed } from "./tools/registry";
import {
  type Action,
  type Around,
  type Edit,
  type Effect,
  type Gesture,
  IDLE,
  type Input,
  type PointerInput,
  type Preview,
} from "./tools/tool";

export interface Hooks {
  create(geometry: Geometry): void;
  change(id: string, geometry: Geometry): void;
  edit(edit: Edit): void;
  select(ids: readonly string[], how: "only" | "add" | "toggle"): void;
  message(text: Key): void;
}

/** What of a pointer event a surface passes on; the rest it knows itself. */
export type Press = Omit<PointerInput, "picture">;

const NO_PRESS = {
  mod: false,
  shift: false,
  alt: false,
  button: 0,
  pointer: "keys",
  pressure: 0.5,
  clicks: 1,
} as const;

export class Driver {
  readonly gesture = signal<Gesture>(IDLE);
  /** Where the keyboard's cursor is, in pixels of the picture, while something is drawn by keys. */
  readonly aim = signal<Point | null>(null);
  /** Arrow keys, Enter and Tab belong to the surface. */
  readonly keyed = computed(() => this.aim.value !== null || this.gesture.value.keys === true);
  readonly busy = computed(() => this.aim.value !== null || this.gesture.value !== IDLE);
  private spaceHeld = false;
  /** Where the pointer is that moves the picture while a gesture waits for its next point. */
  private panning: Point | null = null;
  /** The last press or move of a pointer. */
  private last: PointerInput | null = null;
  /** The gesture as it was before the last press. */
  private before: Gesture = IDLE;
  /** How often all was given up: what is still worked out for an earlier time comes too late. */
  private given = 0;

  /** `after`: a gesture went on; told what it held out of the static layer before and holds now. */
  constructor(
    private readonly around: () => Around,
    private readonly hooks: Hooks,
    private readonly pan: (dx: number, dy: number) => void,
    private readonly after: (heldBefore: readonly string[], heldNow: readonly string[]) => void,
  ) {}

  press(press: Press): void {
    const picture = this.around().toPicture(press.screen);
    this.before = this.gesture.peek();
    // The pointer takes over from the keys: what is begun goes on at its place.
    this.aim.value = null;
    const pans = press.button === 1 || press.button === 2 || this.spaceHeld;
    if (pans && !this.idle) this.panning = press.screen;
    else this.feed({ ...press, picture }, pans);
  }

  /** The press was none: a second finger came, or the browser took the pointer away. What was begun before it stays. */
  restore(): void {
    this.become(this.before, []);
  }

  /** The view changed under a pointer that stands still: what it draws goes with it. */
  follow(): void {
    if (!this.last || this.idle || this.aim.peek() || this.panning) return;
    const picture = this.around().toPicture(this.last.screen);
    this.feed({ ...this.last, kind: "move", picture });
  }

  feed(input: Input, pans = false): void {
    if (input.kind === "down" || input.kind === "move") this.last = input;
    if (this.panning && (input.kind === "move" || input.kind === "up")) {
      this.pan(input.screen[0] - this.panning[0], input.screen[1] - this.panning[1]);
      this.panning = input.kind === "up" ? null : input.screen;
      return;
    }
    const [next, effects] = drive(this.gesture.peek(), input, this.around(), pans);
    this.become(next, effects);
  }

  private become(next: Gesture, effects: readonly Effect[]): void {
    const before = this.held;
    this.gesture.value = next;
    this.carryOutAll(effects);
    this.after(before, this.held);
  }

  /** Do something to what is chosen. */
  async act(action: Action): Promise<void> {
    const around = this.around();
    const why = action.why(around);
    if (why !== null) this.hooks.message(why);
    else await this.later(Promise.resolve(action.run(around)));
  }

  private async later(effects: Promise<readonly Effect[]>): Promise<void> {
    const { given } = this;
    const all = await effects;
    if (given === this.given) this.carryOutAll(all);
  }

  private carryOutAll(effects: readonly Effect[]): void {
    for (const effect of effects) this.carryOut(effect);
  }

  private carryOut(effect: Effect): void {
    if (effect.kind === "pan") this.pan(effect.dx, effect.dy);
    else if (effect.kind === "select") this.hooks.select(effect.ids, effect.how ?? "only");
    else if (effect.kind === "create") this.hooks.create(effect.geometry);
    else if (effect.kind === "change") this.hooks.change(effect.id, effect.geometry);
    else if (effect.kind === "edit") this.hooks.edit(effect);
    else if (effect.kind === "later") void this.later(effect.effects);
    else this.hooks.message(effect.text);
  }

  /** What the gesture holds, as it is now. */
  previews(): readonly Preview[] {
    const gesture = this.gesture.peek();
    return toolNamed(gesture.tool)?.preview?.(gesture, this.around()) ?? [];
  }

  /** The shapes that are drawn by the live layer alone because they are being changed. */
  get held(): readonly string[] {
    return this.previews().flatMap(({ id }) => (id === null ? [] : [id]));
  }

  get idle(): boolean {
    return this.gesture.peek() === IDLE;
  }

  // --- keys ---------------------------------------------------------------------------------------------------------

  /** Begin to work by keys: in the tool's own way, else with a cursor in the middle of what is seen. */
  begin(middle: Point): void {
    const around = this.around();
    const result = toolNamed(around.tool)?.begin?.(around);
    if (result) {
      this.become(...result);
      return;
    }
    this.aim.value = [
      Math.min(around.size.width, Math.max(0, Math.round(middle[0]))),
      Math.min(around.size.height, Math.max(0, Math.round(middle[1]))),
    ];
    this.after([], this.held);
  }

  /** Move the keyboard's cursor, or what a gesture moves by keys, by pixels of the picture. */
  arrow(dx: number, dy: number): void {
    const at = this.aim.peek();
    if (!at) {
      this.feed({ kind: "arrow", dx, dy });
      return;
    }
    const { size } = this.around();
    const next: Point = [
      Math.min(size.width, Math.max(0, at[0] + dx)),
      Math.min(size.height, Math.max(0, at[1] + dy)),
    ];
    this.aim.value = next;
    if (this.idle) this.after([], []);
    else this.feed(this.byKeys("move", next));
  }

  /** Press and let go at the keyboard's cursor. */
  place(): void {
    const at = this.aim.peek();
    if (!at) return;
    this.feed(this.byKeys("down", at));
    if (!this.idle) this.feed(this.byKeys("up", at));
    this.settle();
  }

  /** All points are there; a cursor of the keyboard sets one more where that is not so. */
  finish(): void {
    const before = this.gesture.peek();
    this.feed({ kind: "finish" });
    if (this.gesture.peek() === before) this.place();
    else this.settle();
  }

  back(): void {
    if (this.idle) this.aim.value = null;
    this.feed({ kind: "back" });
  }

  cancel(): void {
    this.given++;
    this.aim.value = null;
    this.panning = null;
    this.feed({ kind: "cancel" });
  }

  /** Drawing by keys ends with what is drawn. */
  private settle(): void {
    if (!this.idle) return;
    if (!toolNamed(this.around().tool)?.stays) this.aim.value = null;
    this.after([], []);
  }

  private byKeys(kind: PointerInput["kind"], picture: Point): PointerInput {
    return { ...NO_PRESS, kind, picture, screen: this.around().toScreen(picture) };
  }

  /** While the space bar is down the picture is moved, whatever the tool. */
  holdSpace(held: boolean): void {
    this.spaceHeld = held;
  }

  // --- what is under the pointer --------------------------------------------------------------------------------------

  /** The cursor's name for the pointer's place. */
  cursor(pointer: Point | null, hovered: boolean): string {
    const gesture = this.gesture.peek();
    const around = this.around();
    const tool = toolNamed(around.tool);
    if (this.panning) return "grabbing";
    if (this.spaceHeld && gesture.tool !== "hand") return "grab";
    if (gesture !== IDLE) {
      const owner = toolNamed(gesture.tool);
      return owner?.cursorOf?.(gesture) ?? owner?.cursor ?? "default";
    }
    if (around.tool === "hand") return "grab";
    const grip = pointer && tool?.handles ? gripAt(pointer, around) : null;
    if (grip) return grip.cursor;
    if (tool && tool.group !== "select" && !around.frozen) return tool.cursor;
    if (hovered) return around.frozen ? "pointer" : "move";
    return "default";
  }
}
