/* The chosen region, enlarged and upright, beside what is said of it. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../core/i18n";
import type { Picture } from "../core/media";
import type { Media } from "../core/types";
import { drawArea } from "../surfaces/canvas/backdrop";
import { frameOf, matrixOf, neededOf, scaleFor, widened } from "../surfaces/canvas/crop";
import type { Geometry } from "../surfaces/canvas/shapes";
import { useSession } from "../ui/context";

/** In CSS pixels; the frame around it has room for as much. */
const TALLEST = 124;

interface Props {
  geometry: Geometry;
  media: Media | undefined;
  /** What the region lies on, where that is not the item's picture; null: it is not seen. */
  given?: Picture | null;
}

export function Crop({ geometry, media, given }: Props) {
  const session = useSession();
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const wanted = given === undefined ? media : undefined;
  const [loaded, setLoaded] = useState<Picture | null>(
    wanted ? session.pictures.peek(wanted.url) : null,
  );
  const picture = given === undefined ? loaded : given;
  const [width, setWidth] = useState(0);

  useLayoutEffect(() => {
    let stale = false;
    setLoaded(wanted ? session.pictures.peek(wanted.url) : null);
    if (wanted) {
      // That a picture cannot be had is said over the picture itself.
      session.pictures.get(wanted).then(
        (found) => {
          if (!stale) setLoaded(found);
        },
        () => undefined,
      );
    }
    return () => {
      stale = true;
    };
  }, [wanted, session]);

  useLayoutEffect(() => {
    const box = host.current;
    if (!box) return;
    const look = () => setWidth(box.clientWidth);
    const observer = new ResizeObserver(look);
    observer.observe(box);
    look();
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (canvas.current && picture && width > 0) paint(canvas.current, picture, geometry, width);
  }, [picture, geometry, width]);

  return (
    <div ref={host} class="crop-room">
      <canvas ref={canvas} role="img" aria-label={t("crop.label")} hidden={!picture} />
    </div>
  );
}

function paint(canvas: HTMLCanvasElement, picture: Picture, geometry: Geometry, room: number) {
  const frame = widened(frameOf(geometry));
  const scale = scaleFor(frame, { width: room, height: TALLEST });
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const width = Math.max(1, Math.round(frame.width * scale));
  const height = Math.max(1, Math.round(frame.height * scale));
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.inlineSize = `${width}px`;
  canvas.style.blockSize = `${height}px`;
  const context = canvas.getContext("2d");
  const needed = neededOf(frame, picture);
  if (!context || needed.maxX <= needed.minX || needed.maxY <= needed.minY) return;
  context.setTransform(...matrixOf(frame, scale * ratio));
  context.imageSmoothingEnabled = scale < 3;
  context.imageSmoothingQuality = "high";
  context.save();
  context.translate(needed.minX, needed.minY);
  drawArea(context, picture, picture, needed);
  context.restore();
  shade(context, frame.width + frame.height, geometry, needed);
}

/** What lies around the region is seen, and seen not to belong to it. */
function shade(
  context: CanvasRenderingContext2D,
  far: number,
  { kind, points }: Geometry,
  needed: { minX: number; minY: number; maxX: number; maxY: number },
): void {
  if (kind === "point" || kind === "polyline" || kind === "mask") return;
  context.beginPath();
  context.rect(
    needed.minX - far,
    needed.minY - far,
    needed.maxX - needed.minX + 2 * far,
    needed.maxY - needed.minY + 2 * far,
  );
  points.forEach(([x, y], at) => {
    if (at === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.closePath();
  context.fillStyle = "rgb(0 0 0 / 45%)";
  context.fill("evenodd");
}
