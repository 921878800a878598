/* Pointer and wheel events of an element as points on its canvas. */

import type { Point } from "../../core/types";
import type { Press } from "./driver";
import { type Contact, Fingers, type Meaning } from "./fingers";
import { clamp, distance } from "./geometry";
import type { PointerInput } from "./tools/tool";

export interface Turn {
  dx: number;
  dy: number;
  /** Shift: move sideways. */
  sideways: boolean;
  /** Ctrl or a pinch: zoom, whatever the wheel is set to do. */
  zooms: boolean;
  /** What to zoom by. */
  factor: number;
}

export interface PointerHandlers {
  down(press: Press): void;
  move(press: Press): void;
  up(press: Press): void;
  /** What the press began is as if it had never been. */
  restore(): void;
  pinch(dx: number, dy: number, factor: number, about: Point): void;
  leave(): void;
  wheel(screen: Point, turn: Turn): void;
}

/** Presses this near to each other in time and place are counted together. */
const AGAIN_MS = 400;
const AGAIN_PX = 6;

export class Clicks {
  private last: { screen: Point; time: number; count: number } | null = null;

  /** The how manieth press in a row this one is. */
  count(screen: Point, time: number): number {
    const { last } = this;
    const again =
      last !== null && time - last.time < AGAIN_MS && distance(last.screen, screen) < AGAIN_PX;
    const count = again ? last.count + 1 : 1;
    this.last = { screen, time, count };
    return count;
  }
}

const LINE = 16;
const PAGE = 600;

/** What a wheel event asks for; mice count in lines or large steps, touch pads in small ones. */
export function turnOf(event: {
  deltaX: number;
  deltaY: number;
  deltaMode: number;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}): Turn {
  const unit = event.deltaMode === 1 ? LINE : event.deltaMode === 2 ? PAGE : 1;
  const dx = event.deltaX * unit;
  const dy = event.deltaY * unit;
  const pinch = event.ctrlKey && Math.abs(dy) < 50;
  return {
    dx,
    // With Shift some systems turn the wheel's direction themselves.
    dy: event.shiftKey && dy === 0 ? dx : dy,
    sideways: event.shiftKey,
    zooms: event.ctrlKey || event.metaKey,
    factor: Math.exp(-clamp(dy, -400, 400) * (pinch ? 0.01 : 0.0016)),
  };
}

export function listenPointer(
  host: HTMLElement,
  canvas: HTMLElement,
  handlers: PointerHandlers,
): void {
  const at = (event: MouseEvent): Point => {
    const rect = canvas.getBoundingClientRect();
    return [event.clientX - rect.left, event.clientY - rect.top];
  };
  const clicks = new Clicks();
  const fingers = new Fingers();
  const contact = (event: PointerEvent): Contact => ({
    id: event.pointerId,
    pointer: kindOf(event),
    screen: at(event),
    time: event.timeStamp,
    width: Math.max(event.width, event.height),
  });
  const press = (kind: PointerInput["kind"], one: Contact, event: PointerEvent): Press => ({
    kind,
    screen: one.screen,
    mod: event.ctrlKey || event.metaKey,
    shift: event.shiftKey,
    alt: event.altKey,
    button: kind === "down" && one.pointer === "touch" ? 0 : event.button,
    pointer: one.pointer,
    pressure: event.pressure || 0.5,
    clicks: kind === "down" ? clicks.count(one.screen, one.time) : 0,
  });
  const pass = (event: PointerEvent, meanings: readonly Meaning[]): void => {
    for (const one of meanings) {
      if (one.kind === "restore") handlers.restore();
      else if (one.kind === "pinch") handlers.pinch(one.dx, one.dy, one.factor, one.about);
      else handlers[one.kind](press(one.kind, one.at, event));
    }
  };
  host.addEventListener("pointerdown", (event) => {
    if (event.button === 3 || event.button === 4) return;
    // Not the page's own scrolling by the middle button, nor the loss of focus of a press on a canvas.
    event.preventDefault();
    host.focus({ preventScroll: true });
    host.setPointerCapture(event.pointerId);
    pass(event, fingers.down(contact(event)));
  });
  host.addEventListener("pointermove", (event) => pass(event, fingers.move(contact(event))));
  host.addEventListener("pointerup", (event) => pass(event, fingers.up(contact(event))));
  host.addEventListener("pointercancel", (event) => pass(event, fingers.cancel(contact(event))));
  host.addEventListener("pointerleave", () => handlers.leave());
  host.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      handlers.wheel(at(event), turnOf(event));
    },
    { passive: false },
  );
  host.addEventListener("contextmenu", (event) => event.preventDefault());
}

function kindOf({ pointerType }: PointerEvent): Contact["pointer"] {
  return pointerType === "pen" || pointerType === "touch" ? pointerType : "mouse";
}
