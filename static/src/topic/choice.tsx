/* RADIO and CHECKBOX: one option, or several in the order in which they were clicked. */

import { assignKeys, flatOptions } from "../core/hotkeys";
import { t } from "../core/i18n";
import { type FieldProps, type Hotkey, register, type ValueSpec } from "../core/registry";
import type { Question } from "../core/types";
import { keepFocus } from "../ui/button";
import { Kbd } from "../ui/kbd";

type Toggle = (value: unknown, key: string, required: boolean) => unknown;

/** The option is chosen; chosen again it is not, unless an answer is required. */
export const toggleOne: Toggle = (value, key, required) =>
  value === key && !required ? null : key;

/** The option joins the list at its end, or leaves it. */
export const toggleMany: Toggle = (value, key) => {
  const chosen = Array.isArray(value) ? (value as string[]) : [];
  const next = chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key];
  return next.length > 0 ? next : null;
};

function chosenKeys(value: unknown): string[] {
  if (typeof value === "string" && value !== "") return [value];
  return Array.isArray(value) ? (value as string[]) : [];
}

function describe(question: Question, value: unknown) {
  const options = flatOptions(question.options);
  const found = chosenKeys(value).map(
    (key) => options.find((option) => option.key === key) ?? { key, label: key, color: null },
  );
  return {
    text: found.map((option) => option.label).join(", "),
    color: found[0]?.color ?? null,
  };
}

function makeHotkeys(toggle: Toggle, one: boolean) {
  return (question: Question, taken: ReadonlySet<string>): Hotkey[] => {
    const options = flatOptions(question.options);
    const keys = assignKeys(options, taken);
    return options.flatMap((option) => {
      const key = keys.get(option.key);
      if (key === undefined) return [];
      return [
        {
          key,
          option: option.key,
          text: option.label,
          apply: (value: unknown) => toggle(value, option.key, question.mustFill === true),
          completes: one,
        },
      ];
    });
  };
}

function makeField(toggle: Toggle) {
  return function ChoiceField({ question, value, frozen, hotkeys, onChange, name }: FieldProps) {
    const chosen = chosenKeys(value);
    const keys = new Map(hotkeys.map((hotkey) => [hotkey.option, hotkey.key]));
    const options = flatOptions(question.options);
    return (
      <div
        class="options"
        role="group"
        aria-label={question.markTitle}
        data-question={question.questionId}
        data-field={name}
      >
        {options.map((option) => {
          const at = chosen.indexOf(option.key);
          const key = keys.get(option.key);
          return (
            <button
              key={option.key}
              type="button"
              class="option"
              data-depth={option.depth}
              data-option={option.key}
              aria-pressed={at >= 0}
              disabled={frozen && at < 0}
              aria-disabled={frozen}
              onMouseDown={keepFocus}
              onClick={() => {
                if (!frozen) onChange(toggle(value, option.key, question.mustFill === true));
              }}
            >
              <span class="swatch" style={{ "--color": option.color || "var(--line-strong)" }}>
                {at >= 0 && <Tick />}
              </span>
              <span class="option-label">{option.label}</span>
              {at >= 0 && chosen.length > 1 && (
                <span class="option-rank" title={t("choice.rank")}>
                  {at + 1}
                </span>
              )}
              {key !== undefined && <Kbd name={key} />}
            </button>
          );
        })}
      </div>
    );
  };
}

function Tick() {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true">
      <path d="M2.5 6.5 5 9l4.5-6" />
    </svg>
  );
}

/** The options that all have chosen, in the order of the first. */
function commonKeys(values: readonly unknown[]): string[] | null {
  const [first, ...rest] = values.map(chosenKeys);
  const common = (first ?? []).filter((key) => rest.every((keys) => keys.includes(key)));
  return common.length > 0 ? common : null;
}

/** The options of a value without those that went and with those that came. */
function followKeys(value: unknown, from: unknown, to: unknown): string[] | null {
  const [before, after] = [chosenKeys(from), chosenKeys(to)];
  const kept = chosenKeys(value).filter((key) => after.includes(key) || !before.includes(key));
  const next = [...kept, ...after.filter((key) => !kept.includes(key))];
  return next.length > 0 ? next : null;
}

function spec(elementType: string, toggle: Toggle, one: boolean): ValueSpec {
  return {
    ...(one ? {} : { common: commonKeys, follow: followKeys }),
    elementType,
    isEmpty: (value) => chosenKeys(value).length === 0,
    Field: makeField(toggle),
    hotkeys: makeHotkeys(toggle, one),
    describe,
  };
}

register({
  kind: "topic",
  type: "RADIO",
  accepts: null,
  value: spec("survey/value", toggleOne, true),
});
register({
  kind: "topic",
  type: "CHECKBOX",
  accepts: null,
  value: spec("survey/multivalue", toggleMany, false),
});
