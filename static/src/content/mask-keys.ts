/* Keys of cut-outs: their backdrop, their soft edges, their file. */

import type { Binding } from "../core/keys";
import { downloadCutOut, featherOf, setFeather } from "../core/masks";
import type { Session } from "../core/session";
import { settings } from "../core/settings";

/** What cut-outs can be shown on, in the order in which the key goes through them; the last is the person's colour. */
export function backdrops(): string[] {
  return ["", "chequered", "#000000", "#ffffff", settings.backdropColor.value];
}

function nextBackdrop(): void {
  const all = backdrops();
  settings.backdrop.value = all[(all.indexOf(settings.backdrop.peek()) + 1) % all.length] ?? "";
}

export function maskKeys(session: Session): Binding[] {
  const softer = (key: string, text: Binding["text"], by: number): Binding => ({
    keys: [key],
    text,
    repeat: true,
    when: () => session.frozen.peek() === null && featherOf(session) !== null,
    run: () => setFeather(session, (featherOf(session) ?? 0) + by),
  });
  return [
    { keys: ["alt+c"], text: "cutout.nextBackdrop", run: nextBackdrop },
    { keys: ["alt+s"], text: "cutout.download", run: () => void downloadCutOut(session) },
    softer("shift+alt+u", "feather.less", -1),
    softer("alt+u", "feather.more", 1),
  ];
}
