/* RATING: a number on a scale, by stars, numbers or a line. */

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { t } from "../core/i18n";
import { shortly } from "../core/keys";
import { type FieldProps, type Hotkey, register } from "../core/registry";
import type { Question } from "../core/types";
import { keepFocus } from "../ui/button";
import { Icon } from "../ui/icon";
import { allValues, BUTTONS, digitOf, nearest, placeOf, scaleOf, valueAt } from "./scale";

/** The value, or none where it was that already and none is allowed. */
function toggled(question: Question, from: unknown, to: string): string | null {
  return from === to && question.mustFill !== true ? null : to;
}

/** Digits, with Shift where they mean something else already; all values have a key, or none. */
function hotkeys(question: Question, taken: ReadonlySet<string>): Hotkey[] {
  const scale = scaleOf(question);
  if (scale.count > BUTTONS) return [];
  const values = allValues(scale);
  if (values.some((value) => digitOf(value) === null)) return [];
  for (const level of ["", "shift+"]) {
    if (values.some((value) => taken.has(level + value))) continue;
    return values.map((value) => ({
      key: level + value,
      option: value,
      text: `${question.markTitle}: ${value}`,
      apply: (from) => toggled(question, from, value),
      completes: true,
    }));
  }
  return [];
}

function RatingField(props: FieldProps) {
  const { question, value, frozen, onChange } = props;
  const scale = scaleOf(question);
  const place = placeOf(scale, value);
  const set = (to: string | null) => {
    if (!frozen) onChange(to);
  };
  const step = (by: number) => {
    const from = place ?? (by > 0 ? -1 : scale.count);
    set(valueAt(scale, Math.min(scale.count - 1, Math.max(0, from + by))));
  };
  // While the focus is here the digits mean this question, whatever they mean elsewhere.
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if ((event.target as HTMLInputElement).type === "number") return;
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    if (digit !== undefined) {
      if (placeOf(scale, digit) === null) return;
      set(toggled(question, value, digit));
    } else if (event.key === "ArrowRight" || event.key === "ArrowUp") step(1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowDown") step(-1);
    else if (event.key === "Home") set(valueAt(scale, 0));
    else if (event.key === "End") set(valueAt(scale, scale.count - 1));
    else if (event.key === "Delete" || event.key === "Backspace") {
      if (question.mustFill) return;
      set(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const line = question.style === "slider" || scale.count > BUTTONS;
  return (
    <div
      class="rating"
      role="group"
      aria-label={question.markTitle}
      data-question={question.questionId}
      data-field={props.name}
      onKeyDown={onKey}
    >
      {line ? <Line {...props} set={set} /> : <Buttons {...props} set={set} />}
      <Ends question={question} />
    </div>
  );
}

type Part = FieldProps & { set: (to: string | null) => void };

function Buttons({ question, value, frozen, hotkeys: keys, set }: Part) {
  const scale = scaleOf(question);
  const place = placeOf(scale, value);
  const stars = question.style === "stars";
  return (
    <div class={stars ? "rating-stars" : "rating-numbers"}>
      {allValues(scale).map((one, at) => {
        const key = keys.find(({ option }) => option === one)?.key;
        const on = stars ? place !== null && at <= place : at === place;
        return (
          <button
            key={one}
            type="button"
            class="rate"
            data-value={one}
            data-on={on || undefined}
            aria-pressed={at === place}
            aria-label={t("rating.of", { n: one, most: valueAt(scale, scale.count - 1) })}
            aria-disabled={frozen}
            disabled={frozen && !on}
            // One stop of the Tab key; the arrows go on from there.
            tabIndex={at === (place ?? 0) ? 0 : -1}
            onMouseDown={keepFocus}
            onClick={() => set(toggled(question, value, one))}
          >
            {stars ? <Icon name="star" /> : one}
            {key && <kbd class="kbd">{shortly(key)}</kbd>}
          </button>
        );
      })}
    </div>
  );
}

function Line({ question, value, frozen, set }: Part) {
  const scale = scaleOf(question);
  const place = placeOf(scale, value);
  const typed = useRef<HTMLInputElement>(null);
  const middle = Math.floor((scale.count - 1) / 2);
  const commit = () => {
    const field = typed.current;
    if (!field) return;
    if (field.value.trim() === "") set(question.mustFill ? (value as string | null) : null);
    else if (Number.isFinite(field.valueAsNumber)) set(nearest(scale, field.valueAsNumber));
    field.value = typeof value === "string" ? value : "";
  };
  return (
    <div class="rating-line" data-none={place === null || undefined}>
      <input
        type="range"
        min={0}
        max={scale.count - 1}
        step={1}
        value={place ?? middle}
        disabled={frozen}
        aria-label={question.markTitle}
        aria-valuetext={place === null ? t("rating.none") : valueAt(scale, place)}
        // What is dragged over is not answered: where it is let go is.
        onChange={(event) => set(valueAt(scale, event.currentTarget.valueAsNumber))}
      />
      <input
        ref={typed}
        type="number"
        class="input"
        min={scale.least}
        max={scale.most}
        step={scale.step}
        value={typeof value === "string" ? value : ""}
        disabled={frozen}
        aria-label={t("rating.exact", { title: question.markTitle })}
        onChange={commit}
      />
    </div>
  );
}

function Ends({ question }: { question: Question }): ComponentChildren {
  const { lowLabel, highLabel } = question;
  if (!lowLabel && !highLabel) return null;
  return (
    <div class="rating-ends panel-hint">
      <span>{lowLabel}</span>
      <span>{highLabel}</span>
    </div>
  );
}

register({
  kind: "topic",
  type: "RATING",
  accepts: null,
  value: {
    elementType: "survey/value",
    isEmpty: (value) => typeof value !== "string" || value === "",
    Field: RatingField,
    hotkeys,
    chosen: (value) => (typeof value === "string" ? [value] : []),
    describe: (question, value) => {
      if (typeof value !== "string" || value === "") return { text: "", color: null };
      const scale = scaleOf(question);
      const text = t("rating.of", { n: value, most: valueAt(scale, scale.count - 1) });
      return { text, color: null };
    },
  },
});
