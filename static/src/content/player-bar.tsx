/* Controls of what plays: sound and film have them alike. */

import { t } from "../core/i18n";
import { settings } from "../core/settings";
import { type Player, RATES } from "../surfaces/timeline/player";
import { formatTime } from "../surfaces/timeline/ticks";
import { Button } from "../ui/button";
import { TimeField } from "../ui/time-field";
import { PEDAL } from "./segment-keys";

export function PlayerBar({ player }: { player: Player }) {
  return (
    <>
      <div class="tool-group">
        <Button
          text="player.pedalBack"
          icon="skip-back"
          quiet
          keys={PEDAL.back}
          onPress={() => player.skip(-settings.pedalSkip.peek())}
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
          text="player.pedalOn"
          icon="skip-on"
          quiet
          keys={PEDAL.on}
          onPress={() => player.skip(settings.pedalSkip.peek())}
        />
      </div>
      <div class="tool-group player-time">
        <Clock player={player} />
        <span class="num muted" aria-label={t("player.duration")}>
          / {formatTime(player.duration.value, 1)}
        </span>
      </div>
      <div class="tool-group">
        <Speed />
        <Volume />
      </div>
    </>
  );
}

/** Where it stands; alone, so that nothing else is made anew with every frame. */
function Clock({ player }: { player: Player }) {
  return (
    <TimeField
      label="player.position"
      seconds={player.time.value}
      digits={3}
      mark=""
      onPlace={(time) => player.goTo(time)}
    />
  );
}

export function Speed() {
  const now = settings.playRate.value;
  return (
    <select
      class="input player-speed"
      aria-label={t("player.speed")}
      title={`${t("player.speed")} (< >)`}
      value={String(now)}
      onChange={(event) => {
        settings.playRate.value = Number(event.currentTarget.value);
        // Keys mean the page again.
        event.currentTarget.blur();
      }}
    >
      {RATES.map((rate) => (
        <option key={rate} value={String(rate)}>
          {t("player.times", { n: rate })}
        </option>
      ))}
    </select>
  );
}

export function Volume() {
  const muted = settings.muted.value || settings.volume.value === 0;
  return (
    <>
      <Button
        text="player.mute"
        icon={muted ? "muted" : "volume"}
        quiet
        keys="alt+m"
        pressed={settings.muted.value}
        onPress={() => {
          settings.muted.value = !settings.muted.peek();
        }}
      />
      <input
        class="player-volume"
        type="range"
        min="0"
        max="1"
        step="0.05"
        aria-label={t("player.volume")}
        value={settings.volume.value}
        onInput={(event) => {
          settings.volume.value = event.currentTarget.valueAsNumber;
          settings.muted.value = false;
        }}
      />
    </>
  );
}

/** What a foot pedal, or its keys, do: how far they go. */
export function PedalOptions() {
  return (
    <details class="player-pedal">
      <summary>{t("player.pedalOptions")}</summary>
      <div class="player-pedal-panel">
        <Seconds text="player.pedalBackBy" value={settings.pedalBack} least={0} />
        <Seconds text="player.pedalSkipBy" value={settings.pedalSkip} least={0.1} />
        <p class="muted">{t("player.pedalHelp")}</p>
      </div>
    </details>
  );
}

function Seconds({
  text,
  value,
  least,
}: {
  text: "player.pedalBackBy" | "player.pedalSkipBy";
  value: typeof settings.pedalBack;
  least: number;
}) {
  return (
    <label class="tool-amount">
      <span>{t(text)}</span>
      <input
        class="input num"
        type="number"
        min={least}
        max="30"
        step="0.1"
        value={value.value}
        onChange={(event) => {
          const wanted = event.currentTarget.valueAsNumber;
          if (Number.isFinite(wanted)) value.value = Math.max(least, Math.min(30, wanted));
        }}
      />
    </label>
  );
}
