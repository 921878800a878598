/* Fingers and pens: one finger or the pen works like the mouse, two fingers move and zoom the picture, and a hand that
   rests beside a pen does nothing. Pure: events go in, what they mean comes out. */

import type { Point } from "../../core/types";
import { distance } from "./geometry";

export interface Contact {
  id: number;
  pointer: "mouse" | "pen" | "touch";
  screen: Point;
  time: number;
  /** How wide the contact is, in CSS pixels; 0 or 1 where the device does not tell. */
  width: number;
}

export type Meaning =
  /** A press. A finger's comes late: when it is clear that no second finger comes. */
  | { kind: "down"; at: Contact }
  | { kind: "move"; at: Contact }
  | { kind: "up"; at: Contact }
  /** What the first finger began is as if it had never touched. */
  | { kind: "restore" }
  /** Move the picture by this, and zoom it by the factor about a point. */
  | { kind: "pinch"; dx: number; dy: number; factor: number; about: Point };

/** A finger that moves less may still be the first of two. */
const WAIT_PX = 6;
/** A contact wider than this is no fingertip. */
const PALM_PX = 60;
/** How long after the pen was last seen fingers do nothing. */
const PEN_MS = 700;

export class Fingers {
  private readonly touches = new Map<number, Contact>();
  /** Contacts that do nothing until they end. */
  private readonly ignored = new Set<number>();
  /** The finger that works as the mouse, and whether its press was passed on yet. */
  private worker: { id: number; passed: boolean } | null = null;
  private pinching = false;
  private pen: { down: boolean; seen: number } = { down: false, seen: -Infinity };

  down(at: Contact): Meaning[] {
    if (at.pointer === "mouse") return [{ kind: "down", at }];
    if (at.pointer === "pen") return [...this.penDown(at), { kind: "down", at }];
    if (this.pen.down || at.time - this.pen.seen < PEN_MS || at.width > PALM_PX) {
      this.ignored.add(at.id);
      return [];
    }
    this.touches.set(at.id, at);
    if (this.touches.size === 1) {
      this.worker = { id: at.id, passed: false };
      return [];
    }
    const begun = this.worker?.passed === true;
    this.worker = null;
    this.pinching = this.touches.size === 2;
    return begun ? [{ kind: "restore" }] : [];
  }

  move(at: Contact): Meaning[] {
    if (at.pointer === "mouse") return [{ kind: "move", at }];
    if (at.pointer === "pen") {
      this.pen.seen = at.time;
      return [{ kind: "move", at }];
    }
    const before = this.touches.get(at.id);
    if (!before || this.ignored.has(at.id)) return [];
    if (this.worker?.id === at.id) {
      const found: Meaning[] = [];
      if (!this.worker.passed) {
        if (distance(before.screen, at.screen) < WAIT_PX) return [];
        this.worker.passed = true;
        found.push({ kind: "down", at: before });
      }
      this.touches.set(at.id, at);
      return [...found, { kind: "move", at }];
    }
    const old = [...this.touches.values()];
    this.touches.set(at.id, at);
    if (!this.pinching) return [];
    const now = [...this.touches.values()];
    return [pinch(old, now)];
  }

  up(at: Contact): Meaning[] {
    if (at.pointer === "mouse") return [{ kind: "up", at }];
    if (at.pointer === "pen") {
      this.pen = { down: false, seen: at.time };
      return [{ kind: "up", at }];
    }
    const before = this.touches.get(at.id);
    this.forget(at.id);
    if (!before || this.worker?.id !== at.id) return [];
    const { passed } = this.worker;
    this.worker = null;
    if (passed) return [{ kind: "up", at }];
    // A tap.
    return [
      { kind: "down", at: before },
      { kind: "up", at },
    ];
  }

  /** The browser took the contact away. */
  cancel(at: Contact): Meaning[] {
    if (at.pointer === "pen") this.pen = { down: false, seen: at.time };
    const began = at.pointer !== "touch" || (this.worker?.id === at.id && this.worker.passed);
    this.forget(at.id);
    if (this.worker?.id === at.id) this.worker = null;
    return began ? [{ kind: "restore" }] : [];
  }

  /** A pen that comes down makes a hand of every finger that lies there already. */
  private penDown(at: Contact): Meaning[] {
    this.pen = { down: true, seen: at.time };
    const begun = this.worker?.passed === true;
    for (const id of this.touches.keys()) this.ignored.add(id);
    this.touches.clear();
    this.worker = null;
    this.pinching = false;
    return begun ? [{ kind: "restore" }] : [];
  }

  private forget(id: number): void {
    this.touches.delete(id);
    this.ignored.delete(id);
    // The finger that stays after a pinch does nothing more.
    if (this.pinching && this.touches.size < 2) {
      this.pinching = false;
      for (const rest of this.touches.keys()) this.ignored.add(rest);
      this.touches.clear();
    }
  }
}

function pinch(old: readonly Contact[], now: readonly Contact[]): Meaning {
  const [a, b] = old as [Contact, Contact];
  const [c, d] = now as [Contact, Contact];
  const [bx, by] = middle(a.screen, b.screen);
  const about = middle(c.screen, d.screen);
  const before = Math.max(1, distance(a.screen, b.screen));
  const after = Math.max(1, distance(c.screen, d.screen));
  return { kind: "pinch", dx: about[0] - bx, dy: about[1] - by, factor: after / before, about };
}

function middle([ax, ay]: Point, [bx, by]: Point): Point {
  return [(ax + bx) / 2, (ay + by) / 2];
}
