/* Pointer and wheel events of an element as points on its canvas. */

import type { Point } from "../../core/types";
import { clamp } from "./geometry";

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
  down(screen: Point, middle: boolean, mod: boolean): void;
  move(screen: Point): void;
  up(screen: Point): void;
  cancel(): void;
  leave(): void;
  wheel(screen: Point, turn: Turn): void;
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
  host.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    // Not the page's own scrolling by the middle button, nor the loss of focus of a press on a canvas.
    event.preventDefault();
    host.focus({ preventScroll: true });
    host.setPointerCapture(event.pointerId);
    handlers.down(at(event), event.button === 1, event.ctrlKey || event.metaKey);
  });
  host.addEventListener("pointermove", (event) => handlers.move(at(event)));
  host.addEventListener("pointerup", (event) => handlers.up(at(event)));
  host.addEventListener("pointercancel", () => handlers.cancel());
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
