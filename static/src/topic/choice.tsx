/* RADIO and CHECKBOX: one option, or several in the order in which they were clicked. */

import { assignKeys, flatOptions } from "../core/hotkeys";
import { type FieldProps, type Hotkey, register, type ValueSpec } from "../core/registry";
import type { Question } from "../core/types";
import { ChoiceField } from "./choice-field";

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
  return function Choice(props: FieldProps) {
    const { question, value, onChange } = props;
    return (
      <ChoiceField
        {...props}
        chosen={chosenKeys(value)}
        toggle={(key) => onChange(toggle(value, key, question.mustFill === true))}
      />
    );
  };
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
    chosen: chosenKeys,
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
