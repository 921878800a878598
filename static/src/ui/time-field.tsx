/* A time that is typed: seconds, or hours, minutes and seconds, to the millionth. */

import { useState } from "preact/hooks";
import { type Key, t } from "../core/i18n";
import { exactTime, formatTime, parseTime } from "../surfaces/timeline/ticks";

interface Props {
  label: Key;
  seconds: number;
  frozen?: boolean;
  /** Decimals that are shown; without this, all that it has. */
  digits?: number;
  /** Where a key leads to type it. */
  mark?: string;
  onPlace: (seconds: number) => void;
}

export function TimeField({ label, seconds, frozen, digits, mark, onPlace }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const wrong = typed !== null && parseTime(typed) === null;
  const say = (field: HTMLInputElement) => {
    const wanted = typed === null ? null : parseTime(typed);
    if (wanted === null) return wrong ? field.select() : field.blur();
    setTyped(null);
    onPlace(wanted);
    field.blur();
  };
  return (
    <label class="time-field">
      <span class="time-name">{t(label)}</span>
      <input
        class="input num"
        type="text"
        inputMode="decimal"
        autocomplete="off"
        spellcheck={false}
        aria-label={t(label)}
        aria-invalid={wrong || undefined}
        title={wrong ? t("timeline.wrongTime") : undefined}
        data-player-time={mark}
        readOnly={frozen}
        value={typed ?? (digits === undefined ? exactTime(seconds) : formatTime(seconds, digits))}
        onFocus={(event) => event.currentTarget.select()}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => {
          const wanted = typed === null ? null : parseTime(typed);
          setTyped(null);
          if (wanted !== null && wanted !== seconds) onPlace(wanted);
        }}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          const taken = event.key === "Enter" || event.key === "Escape";
          if (!taken) return;
          event.preventDefault();
          event.stopPropagation();
          if (event.key === "Enter") say(event.currentTarget);
          else {
            setTyped(null);
            event.currentTarget.blur();
          }
        }}
      />
    </label>
  );
}
