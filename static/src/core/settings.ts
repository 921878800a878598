/* How a person likes the page: kept in this browser, the same for every item and job. */

import { effect, type Signal, signal } from "@preact/signals";
import type { ToolName } from "../surfaces/canvas/tools/tool";
import { singleKeys } from "./keys";

const NAME = "itag.workbench";

interface Kept {
  tool: ToolName;
  /** The last tool that drew, which `N` takes up again. */
  drawTool: ToolName;
  autoNext: boolean;
  wheelPans: boolean;
  cross: boolean;
  snap: boolean;
  texts: boolean;
  fill: number;
  /** "label", or "region": each region has a colour of its own. */
  colorBy: string;
  minimap: boolean;
  /** Reading order by place goes through upright columns, from the right. */
  columns: boolean;
  /** How wide the brush of masks is, in pixels of the picture. */
  brush: number;
  /** How far from the clicked pixel's a colour may be that the magic wand takes, 0 to 255. */
  tolerance: number;
  /** What cut-outs are shown on: a colour, "chequered", or "" for the picture as it is, which every page begins with. */
  backdrop: string;
  /** The colour that was chosen as a backdrop. */
  backdropColor: string;
  textSize: number;
  /** How fast and how loud recordings play. */
  playRate: number;
  volume: number;
  muted: boolean;
  /** Seconds: that the pedal's pause goes back, and its other keys go. */
  pedalBack: number;
  pedalSkip: number;
  /** What is seen of a sound beside its wave: its frequencies. */
  spectrum: boolean;
  /** A film fills the width, and how places in it are written. */
  filmWide: boolean;
  filmFormat: string;
  strip: boolean;
  guide: boolean;
  /** Small pictures of a document's pages beside it. */
  thumbs: boolean;
  singleKeys: boolean;
  /** How people have sized the cells of stages: shares, by the stage and its part. */
  shares: Record<string, readonly number[]>;
}

const DEFAULTS: Kept = {
  tool: "rectangle",
  drawTool: "rectangle",
  autoNext: false,
  wheelPans: false,
  cross: true,
  snap: true,
  texts: true,
  fill: 0.12,
  colorBy: "label",
  minimap: true,
  columns: false,
  brush: 40,
  tolerance: 24,
  backdrop: "",
  backdropColor: "#00a050",
  textSize: 1,
  playRate: 1,
  volume: 1,
  muted: false,
  pedalBack: 1,
  pedalSkip: 3,
  spectrum: false,
  filmWide: false,
  filmFormat: "time",
  strip: true,
  guide: true,
  thumbs: true,
  singleKeys: true,
  shares: {},
};

export type Settings = { [K in keyof Kept]: Signal<Kept[K]> };

function read(): Partial<Kept> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(NAME) ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};
  }
}

/** Values of another version of the page, or of another hand, count only if they are of the right type. */
function start(): Settings {
  const kept = read();
  const entries = Object.entries(DEFAULTS).map(([key, fallback]) => {
    // A picture that is not to be seen would be taken for a broken one.
    const value = key === "backdrop" ? fallback : kept[key as keyof Kept];
    return [key, signal(typeof value === typeof fallback ? value : fallback)];
  });
  return Object.fromEntries(entries) as Settings;
}

export const settings = start();

/** Write changes to the browser's storage from now on. */
export function keepSettings(): () => void {
  return effect(() => {
    const values = Object.fromEntries(
      Object.entries(settings).map(([key, one]) => [key, (one as Signal<unknown>).value]),
    );
    singleKeys.value = settings.singleKeys.value;
    try {
      localStorage.setItem(NAME, JSON.stringify(values));
    } catch {
      // A browser that keeps nothing still labels.
    }
  });
}
