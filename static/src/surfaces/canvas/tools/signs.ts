/* Signs on the live layer: vertices, and what the pointer has snapped to. */

import type { Point } from "../../../core/types";
import type { Context } from "../paint";
import type { Snap } from "../snap";

export function paintVertex(context: Context, [x, y]: Point, look: "plain" | "chosen"): void {
  const chosen = look === "chosen";
  context.beginPath();
  context.arc(x, y, chosen ? 7 : 4, 0, Math.PI * 2);
  context.fillStyle = chosen ? "#ffd23f" : "#ffffff";
  context.strokeStyle = "#1c2321";
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
}

/** A square around a vertex that is met, a diamond on an edge. */
export function paintSnap(context: Context, [x, y]: Point, on: Snap["on"]): void {
  const half = 7;
  context.beginPath();
  if (on === "vertex") {
    context.rect(x - half, y - half, 2 * half, 2 * half);
  } else {
    context.moveTo(x, y - half);
    context.lineTo(x + half, y);
    context.lineTo(x, y + half);
    context.lineTo(x - half, y);
    context.closePath();
  }
  for (const [width, color] of [
    [4, "rgb(0 0 0 / 60%)"],
    [2, "#ffd23f"],
  ] as const) {
    context.lineWidth = width;
    context.strokeStyle = color;
    context.stroke();
  }
}

/** A vertex's coordinates beside it, for those who move it by keys. */
export function paintNumbers(context: Context, [x, y]: Point, font: string, point: Point): void {
  const text = point.join(", ");
  context.font = font;
  context.textBaseline = "middle";
  const width = context.measureText(text).width + 12;
  context.fillStyle = "rgb(20 25 23 / 85%)";
  context.fillRect(x + 12, y - 28, width, 20);
  context.fillStyle = "#ffffff";
  context.fillText(text, x + 18, y - 17.5);
}
