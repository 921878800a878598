/* Controls of a film: playing, stepping by frames and seconds, and where it stands. */

import { useState } from "preact/hooks";
import { type Key, t } from "../core/i18n";
import { settings } from "../core/settings";
import type { FilmPlayer } from "../surfaces/video/film";
import { FORMATS, type Format, formatPlace, parsePlace } from "../surfaces/video/timecode";
import { Button } from "../ui/button";
import { formatNow, MANY, toggleWide } from "./film-keys";
import { Speed, Volume } from "./player-bar";

const NAMES: Record<Format, Key> = {
  time: "film.format.time",
  frame: "film.format.frame",
  code: "film.format.code",
};

interface Props {
  player: FilmPlayer;
  /** Frames a second, on the average. */
  rate: number;
  sound: boolean;
}

export function FilmBar({ player, rate, sound }: Props) {
  return (
    <>
      <div class="tool-group">
        <Button
          text="film.framesBack"
          icon="skip-back"
          quiet
          class="spare"
          keys="shift+ArrowLeft"
          onPress={() => player.step(-MANY)}
        />
        <Button
          text="film.frameBack"
          icon="frame-back"
          quiet
          keys="ArrowLeft"
          onPress={() => player.step(-1)}
        />
        <Button
          text="player.toggle"
          icon={player.playing.value ? "pause" : "play"}
          quiet
          class="player-main"
          keys="Space"
          pressed={player.playing.value}
          onPress={() => player.toggle()}
        />
        <Button
          text="film.frameOn"
          icon="frame-on"
          quiet
          keys="ArrowRight"
          onPress={() => player.step(1)}
        />
        <Button
          text="film.framesOn"
          icon="skip-on"
          quiet
          class="spare"
          keys="shift+ArrowRight"
          onPress={() => player.step(MANY)}
        />
      </div>
      <div class="tool-group film-place">
        <Place player={player} rate={rate} />
        <Total player={player} rate={rate} />
        <FormatChoice />
      </div>
      <div class="tool-group">
        <Speed />
        {sound && <Volume />}
        <Button
          text="film.wide"
          icon="wide"
          quiet
          badge
          keys="b"
          pressed={settings.filmWide.value}
          onPress={toggleWide}
        />
      </div>
    </>
  );
}

interface PlaceProps {
  player: FilmPlayer;
  rate: number;
}

/** Where it stands, and where to go; alone, so that nothing else is made anew with every frame. */
function Place({ player, rate }: PlaceProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const frames = player.frames.value;
  const now = formatPlace(formatNow(), frames, player.index.value, rate);
  const index = typed === null ? null : parsePlace(typed, frames, rate);
  const wrong = typed !== null && index === null;
  const leave = (field: HTMLInputElement) => {
    setTyped(null);
    field.blur();
  };
  return (
    <input
      class="input num"
      type="text"
      autocomplete="off"
      spellcheck={false}
      aria-label={t("film.place")}
      aria-invalid={wrong || undefined}
      title={t(wrong ? "film.wrongPlace" : "film.placeHelp")}
      data-player-time=""
      value={typed ?? now}
      onFocus={(event) => event.currentTarget.select()}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => setTyped(null)}
      onKeyDown={(event) => {
        if (event.isComposing) return;
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        if (event.key === "Enter" && wrong) {
          event.currentTarget.select();
          return;
        }
        if (event.key === "Enter" && index !== null) player.goToFrame(index);
        leave(event.currentTarget);
      }}
    />
  );
}

/** The last place there is. */
function Total({ player, rate }: PlaceProps) {
  const frames = player.frames.value;
  return (
    <span class="num muted" title={t("film.frames", { n: frames.count })}>
      / {formatPlace(formatNow(), frames, frames.last, rate)}
    </span>
  );
}

function FormatChoice() {
  return (
    <select
      class="input film-format"
      aria-label={t("film.format")}
      title={`${t("film.format")} (Shift T)`}
      value={formatNow()}
      onChange={(event) => {
        settings.filmFormat.value = event.currentTarget.value;
        // Keys mean the page again.
        event.currentTarget.blur();
      }}
    >
      {FORMATS.map((format) => (
        <option key={format} value={format}>
          {t(NAMES[format])}
        </option>
      ))}
    </select>
  );
}
