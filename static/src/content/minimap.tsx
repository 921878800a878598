/* Where the view is on a picture that it does not show whole: a small picture of it, to press and drag on. */

import { useEffect, useRef } from "preact/hooks";
import { t } from "../core/i18n";
import type { Picture } from "../core/media";
import { settings } from "../core/settings";
import { boxToScreen, type Camera, centredAt, toPicture } from "../surfaces/canvas/camera";
import type { CanvasSurface } from "../surfaces/canvas/surface";

/** The longer side, in CSS pixels. */
const SIDE = 160;

export function Minimap({ surface }: { surface: CanvasSurface }) {
  const picture = surface.shown.value;
  // Read here, so that the map follows the view.
  const { turn } = surface.camera.value;
  if (!picture || !settings.minimap.value || surface.wholeInView()) return null;
  return <Overview key={turn} surface={surface} picture={picture} />;
}

function Overview({ surface, picture }: { surface: CanvasSurface; picture: Picture }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { turn } = surface.camera.value;
  const scale = SIDE / Math.max(picture.width, picture.height);
  const sides = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const [width, height] = (turn % 2 === 0 ? sides : sides.reverse()) as [number, number];
  const small: Camera = centredAt(
    [picture.width / 2, picture.height / 2],
    { width, height },
    scale,
    turn,
  );
  const { bitmap } = picture;
  // Greys that are spread anew come as another bitmap.
  const shown = picture.tiles?.samples?.window.value ?? null;

  useEffect(() => {
    void shown;
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.save();
    context.clearRect(0, 0, width, height);
    context.translate(small.x, small.y);
    context.rotate((turn * Math.PI) / 2);
    context.imageSmoothingQuality = "medium";
    context.drawImage(bitmap, 0, 0, picture.width * scale, picture.height * scale);
    context.restore();
  }, [bitmap, picture, shown, scale, turn, width, height, small.x, small.y]);

  const look = (event: PointerEvent) => {
    const rect = canvas.current?.getBoundingClientRect();
    if (!rect || (event.buttons & 1) === 0) return;
    surface.lookAt(toPicture(small, [event.clientX - rect.left, event.clientY - rect.top]));
  };
  const box = boxToScreen(small, surface.inView());
  const left = Math.max(0, box.minX);
  const top = Math.max(0, box.minY);
  return (
    <div class="minimap" style={`inline-size:${width}px;block-size:${height}px`}>
      <canvas
        ref={canvas}
        width={width}
        height={height}
        role="img"
        aria-label={t("view.minimap")}
        onPointerDown={(event) => {
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
          look(event);
        }}
        onPointerMove={look}
      />
      <div
        class="minimap-view"
        style={{
          left: `${left}px`,
          top: `${top}px`,
          width: `${Math.max(4, Math.min(width, box.maxX) - left)}px`,
          height: `${Math.max(4, Math.min(height, box.maxY) - top)}px`,
        }}
      />
    </div>
  );
}
