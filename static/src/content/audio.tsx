/* The Audio view: a sound that is heard and seen, with the segments of every question asked of its time. */

import { effect, signal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { pushViewScope } from "../core/focus-view";
import { t } from "../core/i18n";
import { markPainted } from "../core/marks";
import { register } from "../core/registry";
import type { Session } from "../core/session";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import { waveStrip } from "../surfaces/timeline/peaks";
import { Player } from "../surfaces/timeline/player";
import { spectrumStrip } from "../surfaces/timeline/spectrum";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { offerReveal } from "./compare";
import { PedalOptions, PlayerBar } from "./player-bar";
import { Punctuation } from "./punctuation";
import { SegmentBar } from "./segment-bar";
import { playerKeys, segmentKeys, timeKeys } from "./segment-keys";
import { SegmentList } from "./segment-list";
import { SegmentView } from "./segment-view";
import { askAhead, SoundPicture, Source, type Trouble } from "./sound";

/** The smallest step of keys, and the one of arrows with Shift, in seconds. */
const STEP = 0.01;
const FINE = 0.1;
/** Nobody hears more of it: eight pixels a sample, of the best recordings. */
const FINEST = 192_000;

/** One mounted view: the element, what is seen of it, and the segments. */
export class AudioView {
  readonly player: Player;
  readonly source: Source;
  readonly picture: SoundPicture;
  readonly segments: SegmentView;
  private readonly stops: (() => void)[] = [];
  private shown: number | null = null;

  constructor(
    private readonly host: HTMLElement,
    element: HTMLAudioElement,
    private readonly session: Session,
    private readonly view: View,
  ) {
    const { playRate: rate, volume, muted } = settings;
    this.player = new Player(element, { rate, volume, muted });
    this.source = new Source(this.player);
    this.picture = new SoundPicture(() => this.segments?.surface.repaint());
    this.segments = new SegmentView(host, session, view, this.player, {
      strips: this.strips(),
      finest: FINEST,
      step: () => STEP,
    });
  }

  start(): void {
    const { session, view, segments, player, picture } = this;
    segments.start();
    this.stops.push(
      effect(() => this.showSheet()),
      effect(() => {
        if (settings.spectrum.value && session.sheet.value) picture.wantSpectrum();
        segments.surface.setStrips(this.strips());
      }),
      pushViewScope(view, "keys.scope.sound", () => [
        ...(segments.lanes.length > 0 ? segmentKeys(segments) : []),
        ...playerKeys(player, () => FINE),
        ...timeKeys(segments),
        {
          keys: ["v"],
          text: "timeline.spectrum",
          run: () => {
            settings.spectrum.value = !settings.spectrum.peek();
          },
        },
      ]),
      offerReveal((id) => segments.reveal(id)),
      effect(() => {
        this.host.dataset.wave = picture.peaks.value ? "shown" : "making";
      }),
    );
  }

  close(): void {
    for (const stop of this.stops.reverse()) stop();
    this.segments.close();
    this.source.close();
    this.picture.close();
    this.player.close();
  }

  private strips() {
    const { picture } = this;
    const wave = waveStrip(
      () => picture.peaks.peek(),
      () => 1,
    );
    if (!settings.spectrum.peek()) return [wave];
    return [wave, spectrumStrip(() => picture.spectrum.peek())];
  }

  private showSheet(): void {
    const { session } = this;
    const sheet = session.sheet.value;
    const payload = sheet?.payload.peek();
    const media = payload?.media[this.view.field];
    // The same item may get another document while it is heard.
    if (payload && payload.position === this.shown) return;
    this.shown = payload?.position ?? null;
    this.source.open(media);
    this.picture.open(media?.url ?? null);
    if (!payload) return;
    if (settings.spectrum.peek()) this.picture.wantSpectrum();
    requestAnimationFrame(() => markPainted(payload.position));
    void session.prefetch().then(() => {
      const list = session.list.peek();
      const at = list.findIndex(({ position }) => position === payload.position);
      const next = list[at + 1];
      if (next) askAhead(session.items.peek(next.position)?.media[this.view.field]);
    });
  }
}

function AudioSurface({ view }: { view: View }) {
  const session = useSession();
  const host = useRef<HTMLDivElement>(null);
  const element = useRef<HTMLAudioElement>(null);
  const help = useId();
  const mounted = useRef(signal<AudioView | null>(null)).current;

  useLayoutEffect(() => {
    if (!host.current || !element.current) return;
    const made = new AudioView(host.current, element.current, session, view);
    made.start();
    mounted.value = made;
    return () => {
      mounted.value = null;
      made.close();
    };
  }, [session, view, mounted]);

  const audio = mounted.value;
  return (
    <div class="audio-view">
      <div class="canvas-tools" role="toolbar" aria-label={t("player.bar")}>
        {audio && (
          <>
            <PlayerBar player={audio.player} />
            <SegmentBar view={audio.segments} />
            <div class="tool-group">
              <Button
                text="timeline.spectrum"
                icon="spectrum"
                quiet
                badge
                keys="v"
                pressed={settings.spectrum.value}
                onPress={() => {
                  settings.spectrum.value = !settings.spectrum.peek();
                }}
              />
            </div>
            <PedalOptions />
          </>
        )}
      </div>
      {/* biome-ignore lint/a11y/useMediaCaption: it is what people write down. */}
      <audio ref={element} preload="auto" />
      <div class="timeline-frame">
        <div
          ref={host}
          class="timeline-host"
          role="application"
          tabIndex={0}
          aria-label={t("timeline.label", { position: session.position.value })}
          aria-describedby={help}
          data-surface="audio"
        />
        {audio && <Notes audio={audio} />}
      </div>
      <p id={help} class="visually-hidden">
        {t("timeline.help")}
      </p>
      {audio && <SegmentList view={audio.segments} />}
      <Punctuation view={view} />
    </div>
  );
}

/** What is still made, and what failed. */
function Notes({ audio }: { audio: AudioView }) {
  const { source, picture } = audio;
  const copy = source.progress.value;
  const peaks = picture.progress.value;
  const spectrum = settings.spectrum.value ? picture.spectrumProgress.value : null;
  const trouble = source.trouble.value;
  const unseen = picture.trouble.value;
  return (
    <div class="timeline-notes">
      <p role="status">
        {copy !== null
          ? t("sound.makingCopy", { n: Math.round(copy * 100) })
          : peaks !== null
            ? t("sound.makingPeaks", { n: Math.round(peaks * 100) })
            : spectrum !== null
              ? t("sound.makingSpectrum", { n: Math.round(spectrum * 100) })
              : ""}
      </p>
      {(trouble || unseen) && (
        <p role="alert" class="timeline-trouble">
          {trouble ? words(trouble, "sound") : unseen ? words(unseen, "peaks") : ""}{" "}
          {trouble && trouble !== "missing" && (
            <button type="button" class="btn btn-s" onClick={() => source.retry()}>
              {t("media.retry")}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

function words(trouble: Trouble | "missing", what: "sound" | "peaks"): string {
  if (trouble === "missing") return t("media.missing");
  if ("text" in trouble) return trouble.text;
  if (what === "peaks") return t("sound.noPeaks");
  const kind = trouble.kind === "signin" ? "unreachable" : trouble.kind;
  return t(`sound.${kind}`);
}

register({ kind: "content", type: "Audio", Surface: AudioSurface });
