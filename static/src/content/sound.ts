/* What is seen of a sound: its peaks and its frequencies, which the server makes once and sends in chunks; and how a
   recording gets to the element that plays it. Of films as of sounds. */

import { signal } from "@preact/signals";
import { follow, MediaFailure } from "../core/fetching";
import { isAbort, made, NotMade } from "../core/made";
import type { Media } from "../core/types";
import { type PeakInfo, Peaks } from "../surfaces/timeline/peaks";
import type { Player } from "../surfaces/timeline/player";
import { colored, Spectrum, type SpectrumInfo, type Tile } from "../surfaces/timeline/spectrum";

/** What keeps something from being seen or heard: a kind of failure, or the server's own words. */
export type Trouble =
  | { kind: "unreachable" | "refused" | "undecodable" | "signin" }
  | { text: string };

function troubleOf(error: unknown): Trouble {
  if (error instanceof NotMade) return { text: error.message };
  if (error instanceof MediaFailure) return { kind: error.kind };
  throw error;
}

interface PeakAnswer extends PeakInfo {
  sampleRate: number;
}

/** Peaks and frequencies of the recording that is open. */
export class SoundPicture {
  readonly peaks = signal<Peaks | null>(null);
  readonly spectrum = signal<Spectrum | null>(null);
  /** How much of the peaks is made, while they are; null: they are there, or there are none. */
  readonly progress = signal<number | null>(null);
  /** How much of the frequencies is made, while they are. */
  readonly spectrumProgress = signal<number | null>(null);
  readonly trouble = signal<Trouble | null>(null);
  private url: string | null = null;
  private work = new AbortController();
  private asked = false;

  constructor(private readonly changed: () => void) {}

  /** Another recording; null: none, or one without sound. */
  open(url: string | null): void {
    if (url === this.url) return;
    this.work.abort();
    this.work = new AbortController();
    this.url = url;
    this.asked = false;
    this.peaks.value = null;
    this.spectrum.value = null;
    this.progress.value = null;
    this.spectrumProgress.value = null;
    this.trouble.value = null;
    this.changed();
    if (url !== null) void this.seePeaks(url, this.work.signal);
  }

  close(): void {
    this.work.abort();
  }

  /** Ask for the frequencies too: only those who look at them have them made. */
  wantSpectrum(): void {
    if (this.asked || this.url === null) return;
    this.asked = true;
    void this.seeSpectrum(this.url, this.work.signal);
  }

  private async seePeaks(url: string, stop: AbortSignal): Promise<void> {
    await this.guarded(stop, async () => {
      const found = await made<PeakAnswer>(url, "peaks", {
        signal: stop,
        progress: (done) => {
          this.progress.value = done;
        },
      });
      this.progress.value = null;
      if (!found || stop.aborted) return;
      const load = async (level: number, chunk: number) => {
        const response = await follow(`${found.address}/${level}/${chunk}/0`, { signal: stop });
        return new Int16Array(await response.arrayBuffer());
      };
      this.peaks.value = new Peaks(found.body, load, this.changed);
      this.changed();
    });
  }

  private async seeSpectrum(url: string, stop: AbortSignal): Promise<void> {
    await this.guarded(stop, async () => {
      const found = await made<SpectrumInfo>(url, "spectrum", {
        signal: stop,
        progress: (done) => {
          this.spectrumProgress.value = done;
        },
      });
      this.spectrumProgress.value = null;
      if (!found || stop.aborted) return;
      const load = async (level: number, chunk: number) =>
        tileOf(await follow(`${found.address}/${level}/${chunk}/0`, { signal: stop }));
      this.spectrum.value = new Spectrum(found.body, load, this.changed);
      this.changed();
    });
  }

  private async guarded(stop: AbortSignal, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (isAbort(error) || stop.aborted) return;
      this.progress.value = null;
      this.spectrumProgress.value = null;
      this.trouble.value = troubleOf(error);
    }
  }
}

async function tileOf(response: Response): Promise<Tile> {
  const bitmap = await createImageBitmap(await response.blob());
  const tile = document.createElement("canvas");
  tile.width = bitmap.width;
  tile.height = bitmap.height;
  const context = tile.getContext("2d", { willReadFrequently: true });
  context?.drawImage(bitmap, 0, 0);
  bitmap.close();
  const pixels = context?.getImageData(0, 0, tile.width, tile.height);
  if (pixels) {
    colored(pixels.data);
    context?.putImageData(pixels, 0, 0);
  }
  return tile;
}

/** What fails again so soon does not fail for its address. */
const RENEW_MS = 60_000;

/** Brings a recording to its element: as it is where browsers play that, else the copy that is made of it. */
export class Source {
  /** How much of the copy is made, while it is. */
  readonly progress = signal<number | null>(null);
  readonly trouble = signal<Trouble | "missing" | null>(null);
  private media: Media | null = null;
  private work = new AbortController();
  private renewedAt = Number.NEGATIVE_INFINITY;
  private readonly stop: () => void;

  constructor(private readonly player: Player) {
    this.stop = player.failed.subscribe((failed) => {
      if (failed) this.failed();
    });
  }

  close(): void {
    this.work.abort();
    this.stop();
  }

  open(media: Media | undefined): void {
    this.work.abort();
    this.work = new AbortController();
    this.media = media ?? null;
    this.renewedAt = Number.NEGATIVE_INFINITY;
    this.progress.value = null;
    this.trouble.value = media ? null : "missing";
    if (!media) this.player.open(null);
    else if (media.playable === false) void this.openCopy(media, 0);
    else this.player.open(media.url);
  }

  retry(): void {
    this.open(this.media ?? undefined);
  }

  /** The address may have ended, which is hours after it was given: with a fresh one it goes on. */
  private failed(): void {
    const { media, player } = this;
    if (!media) return;
    const now = performance.now();
    if (now - this.renewedAt < RENEW_MS) {
      this.trouble.value = { kind: navigator.onLine === false ? "unreachable" : "undecodable" };
      return;
    }
    this.renewedAt = now;
    const [at, goes] = [player.time.peek(), player.playing.peek()];
    if (media.playable === false) void this.openCopy(media, at);
    else {
      player.open(media.url, at);
      if (goes) player.play();
    }
  }

  private async openCopy(media: Media, at: number): Promise<void> {
    const { signal: stop } = this.work;
    this.player.open(null, at);
    this.progress.value = 0;
    try {
      const found = await made<{ url: string }>(media.url, "play", {
        signal: stop,
        progress: (done) => {
          this.progress.value = done;
        },
      });
      if (stop.aborted) return;
      this.progress.value = null;
      if (found) this.player.open(found.body.url, at);
      else this.trouble.value = { kind: "refused" };
    } catch (error) {
      if (isAbort(error) || stop.aborted) return;
      this.progress.value = null;
      this.trouble.value = troubleOf(error);
    }
  }
}

/** What is looked at next may be made already when it is opened. */
export function askAhead(media: Media | undefined): void {
  if (media?.type !== "audio" && media?.type !== "video") return;
  const film = media.type === "video";
  const wanted = [
    ...(film && !media.has_audio ? [] : ["peaks"]),
    ...(film ? ["frames"] : []),
    ...(media.playable === false ? ["play"] : []),
  ];
  for (const what of wanted) {
    // Whether it is made is seen when it is opened.
    fetch(`${media.url}?size=${what}`, { credentials: "same-origin" }).catch(() => undefined);
  }
}
