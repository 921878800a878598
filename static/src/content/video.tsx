/* The Video view: a film that is seen frame by frame, with the segments of every question asked of its time. */

import { computed, effect, signal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { pushViewScope } from "../core/focus-view";
import { type Key, t } from "../core/i18n";
import { keptShares } from "../core/layout";
import { isAbort } from "../core/made";
import { markPainted } from "../core/marks";
import { register } from "../core/registry";
import type { Session } from "../core/session";
import { settings } from "../core/settings";
import type { Media, View } from "../core/types";
import { Border } from "../panels/stage";
import { waveStrip } from "../surfaces/timeline/peaks";
import { FilmPlayer } from "../surfaces/video/film";
import { formatPlace } from "../surfaces/video/timecode";
import { useSession } from "../ui/context";
import { offerReveal } from "./compare";
import { FilmBar } from "./film-bar";
import { framesOf, guessed } from "./film-frames";
import { filmKeys } from "./film-keys";
import { SegmentBar } from "./segment-bar";
import { segmentKeys, timeKeys } from "./segment-keys";
import { SegmentList } from "./segment-list";
import { SegmentView } from "./segment-view";
import { askAhead, SoundPicture, Source, type Trouble } from "./sound";

/** So many pixels a frame has at most on the timeline, of the fastest films. */
const FINEST = 120 * 160;

/** One mounted view: the element, the table of its frames, what is heard of it, and the segments. */
export class VideoView {
  readonly player: FilmPlayer;
  readonly source: Source;
  readonly sound: SoundPicture;
  readonly segments: SegmentView;
  readonly media = signal<Media | null>(null);
  /** Frames a second, on the average. */
  readonly rate = computed(() => {
    const frames = this.player.frames.value;
    const { fps } = this.media.value ?? {};
    return frames.known || !fps ? 1 / frames.step : fps;
  });
  /** The stamps of the frames are not known, and cannot be had. */
  readonly unknown = signal(false);
  private work = new AbortController();
  private readonly stops: (() => void)[] = [];
  private shown: number | null = null;

  constructor(
    host: HTMLElement,
    private readonly element: HTMLVideoElement,
    private readonly session: Session,
    private readonly view: View,
  ) {
    const { playRate: rate, volume, muted } = settings;
    this.player = new FilmPlayer(element, { rate, volume, muted });
    this.source = new Source(this.player);
    this.sound = new SoundPicture(() => this.segments?.surface.repaint());
    const { player } = this;
    this.segments = new SegmentView(host, session, view, player, {
      strips: [],
      finest: FINEST,
      step: () => player.frames.peek().step,
      quantize: (time) => player.frames.peek().quantize(time),
      moved: (time, by) => {
        const frames = player.frames.peek();
        return frames.timeOf(frames.nearest(time) + by);
      },
    });
  }

  start(): void {
    const { view, segments, player, sound, element } = this;
    segments.start();
    const heard = computed(() => this.media.value?.has_audio === true);
    this.stops.push(
      effect(() => this.showSheet()),
      effect(() => {
        const wave = waveStrip(
          () => sound.peaks.peek(),
          () => 1,
        );
        segments.surface.setStrips(heard.value ? [wave] : []);
      }),
      this.coverUntilSeen(),
      effect(() => {
        element.dataset.stamps = String(player.frames.value.known);
        element.dataset.frame = String(player.seeker.shown.value);
        element.dataset.steady = String(!player.seeker.busy.value && !player.playing.value);
      }),
      pushViewScope(view, "keys.scope.film", () => [
        ...(segments.lanes.length > 0 ? segmentKeys(segments) : []),
        ...filmKeys(player),
        ...timeKeys(segments),
      ]),
      offerReveal((id) => segments.reveal(id)),
    );
  }

  close(): void {
    this.work.abort();
    for (const stop of this.stops.reverse()) stop();
    this.segments.close();
    this.source.close();
    this.sound.close();
    this.player.close();
  }

  /** The poster is another frame than the first: it goes as soon as that one can be seen. */
  private coverUntilSeen(): () => void {
    const { element, player } = this;
    const seen = () => {
      element.removeAttribute("poster");
      if (!player.playing.peek()) player.show(player.index.peek());
    };
    element.addEventListener("loadeddata", seen);
    return () => element.removeEventListener("loadeddata", seen);
  }

  private showSheet(): void {
    const { session } = this;
    const payload = session.sheet.value?.payload.peek();
    const media = payload?.media[this.view.field];
    // The same item may get another document while it is seen.
    if (payload && payload.position === this.shown) return;
    this.shown = payload?.position ?? null;
    this.work.abort();
    this.work = new AbortController();
    this.media.value = media ?? null;
    this.unknown.value = false;
    this.element.poster = media ? `${media.url}?size=thumb` : "";
    this.source.open(media);
    this.sound.open(media?.has_audio ? media.url : null);
    if (media) {
      this.player.setFrames(guessed(media));
      void this.readFrames(media, this.work.signal);
    }
    if (!payload) return;
    requestAnimationFrame(() => markPainted(payload.position));
    void session.prefetch().then(() => {
      const list = session.list.peek();
      const at = list.findIndex(({ position }) => position === payload.position);
      const next = list[at + 1];
      if (next) askAhead(session.items.peek(next.position)?.media[this.view.field]);
    });
  }

  private async readFrames(media: Media, stop: AbortSignal): Promise<void> {
    try {
      const frames = await framesOf(media, stop);
      if (stop.aborted) return;
      if (frames) this.player.setFrames(frames);
      else this.unknown.value = true;
    } catch (error) {
      if (isAbort(error) || stop.aborted) return;
      this.unknown.value = true;
    }
  }
}

/** The film's share of the height, and the timeline's, which shows the wave of what is heard, segments, both or none. */
function sharesOf(sound: boolean, segments: boolean): readonly number[] {
  if (sound) return segments ? [7, 3] : [5, 1];
  return segments ? [5, 1] : [12, 1];
}

function VideoSurface({ view }: { view: View }) {
  const session = useSession();
  const host = useRef<HTMLDivElement>(null);
  const element = useRef<HTMLVideoElement>(null);
  const help = useId();
  const mounted = useRef(signal<VideoView | null>(null)).current;

  useLayoutEffect(() => {
    if (!host.current || !element.current) return;
    const made = new VideoView(host.current, element.current, session, view);
    made.start();
    mounted.value = made;
    return () => {
      mounted.value = null;
      made.close();
    };
  }, [session, view, mounted]);

  const film = mounted.value;
  const media = film?.media.value;
  const name = `${session.assignment.job.id}/film/${view.bindField}`;
  const usual = sharesOf(media?.has_audio === true, film?.segments.lanes.length !== 0);
  const shares = keptShares(settings.shares.value[name], usual);
  return (
    <div class="video-view">
      <div class="canvas-tools" role="toolbar" aria-label={t("player.bar")}>
        {film && (
          <>
            <FilmBar
              player={film.player}
              rate={film.rate.value}
              sound={media?.has_audio === true}
            />
            <SegmentBar view={film.segments} />
          </>
        )}
      </div>
      <div
        class="film-frame"
        data-wide={settings.filmWide.value || undefined}
        style={{ "--share": shares[0] }}
      >
        {/* biome-ignore lint/a11y/useMediaCaption: it is what people describe. */}
        <video
          ref={element}
          preload="auto"
          playsInline
          disablePictureInPicture
          aria-label={t("film.label", { position: session.position.value })}
          onClick={() => film?.player.toggle()}
        />
        {film && <Notes film={film} />}
      </div>
      <Border name={name} shares={shares} at={0} kind="row" />
      <div class="timeline-frame" style={{ "--share": shares[1] }}>
        <div
          ref={host}
          class="timeline-host"
          role="application"
          tabIndex={0}
          aria-label={t("timeline.label", { position: session.position.value })}
          aria-describedby={help}
          data-surface="video"
        />
      </div>
      <p id={help} class="visually-hidden">
        {t("film.help")}
      </p>
      {film && <Spoken film={film} />}
      {film && <SegmentList view={film.segments} />}
    </div>
  );
}

/** What is still made, and what failed. */
function Notes({ film }: { film: VideoView }) {
  const copy = film.source.progress.value;
  const trouble = film.source.trouble.value;
  const unsure = film.unknown.value && film.media.value?.variable === true;
  const waiting = film.player.waiting.value && film.player.playing.value;
  return (
    <div class="timeline-notes">
      <p role="status">
        {copy !== null
          ? t("film.makingCopy", { n: Math.round(copy * 100) })
          : waiting
            ? t("film.waiting")
            : ""}
      </p>
      {unsure && <p role="alert">{t("film.noFrames")}</p>}
      {trouble && (
        <p role="alert" class="timeline-trouble">
          {words(trouble)}{" "}
          {trouble !== "missing" && (
            <button type="button" class="btn btn-s" onClick={() => film.source.retry()}>
              {t("media.retry")}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

const WORDS: Record<"unreachable" | "refused" | "undecodable" | "signin", Key> = {
  unreachable: "film.unreachable",
  refused: "film.refused",
  undecodable: "film.undecodable",
  signin: "film.unreachable",
};

function words(trouble: Trouble | "missing"): string {
  if (trouble === "missing") return t("media.missing");
  if ("text" in trouble) return trouble.text;
  return t(WORDS[trouble.kind]);
}

/** So long nothing moves before the place is spoken. */
const QUIET_MS = 500;

/** The frame at which the film stands, for those who hear the page. */
function Spoken({ film }: { film: VideoView }) {
  const text = useRef(signal("")).current;
  useLayoutEffect(() => {
    let timer = 0;
    const stop = effect(() => {
      const { player } = film;
      const frame = player.index.value;
      clearTimeout(timer);
      if (player.playing.value) return;
      timer = window.setTimeout(() => {
        const frames = player.frames.peek();
        const time = formatPlace("time", frames, frame, 1);
        text.value = t("film.at", { frame, time });
      }, QUIET_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [film, text]);
  return (
    <p class="visually-hidden" role="status">
      {text.value}
    </p>
  );
}

register({ kind: "content", type: "Video", Surface: VideoSurface, thumbs: true });
