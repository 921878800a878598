/* Keys of a film beside those of every recording: frames and seconds, and how it is seen. */

import type { Key } from "../core/i18n";
import type { Binding } from "../core/keys";
import { settings } from "../core/settings";
import type { FilmPlayer } from "../surfaces/video/film";
import { FORMATS, type Format } from "../surfaces/video/timecode";
import { playerKeys } from "./segment-keys";

/** So many frames a large step has. */
export const MANY = 10;

/** The keys of every recording whose places frames take. */
const TAKEN: ReadonlySet<Key | null> = new Set<Key | null>([
  "player.back",
  "player.on",
  "player.backFine",
  "player.onFine",
]);

export function filmKeys(player: FilmPlayer): Binding[] {
  const go = (key: string, text: Key, run: () => void): Binding => ({
    keys: [key],
    text,
    run,
    repeat: true,
  });
  return [
    go("ArrowLeft", "film.frameBack", () => player.step(-1)),
    go("ArrowRight", "film.frameOn", () => player.step(1)),
    go("shift+ArrowLeft", "film.framesBack", () => player.step(-MANY)),
    go("shift+ArrowRight", "film.framesOn", () => player.step(MANY)),
    go("q", "film.secondBack", () => player.stepSeconds(-1)),
    go("w", "film.secondOn", () => player.stepSeconds(1)),
    { keys: ["b"], text: "film.wide", run: toggleWide },
    { keys: ["shift+t"], text: "film.format", run: nextFormat },
    ...playerKeys(player, () => 1).filter(({ text }) => !TAKEN.has(text)),
  ];
}

export function toggleWide(): void {
  settings.filmWide.value = !settings.filmWide.peek();
}

/** How places are written: kept as a text, which may come from another version of the page. */
export function formatNow(): Format {
  const kept = settings.filmFormat.value as Format;
  return FORMATS.includes(kept) ? kept : "time";
}

function nextFormat(): void {
  const at = FORMATS.indexOf(formatNow());
  settings.filmFormat.value = FORMATS[(at + 1) % FORMATS.length] as Format;
}
