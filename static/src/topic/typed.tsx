/* The field of every text that is typed: what an input method composes, its presets, what is wrong with it. */

import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../core/i18n";
import type { FieldProps, Hotkey } from "../core/registry";
import { topic } from "../core/registry";
import type { Question } from "../core/types";
import { keepFocus } from "../ui/button";
import { useSession } from "../ui/context";
import { Kbd } from "../ui/kbd";

const SHOWN = 80;

export function isBlank(value: unknown): boolean {
  return typeof value !== "string" || value.trim() === "";
}

/** The text in one line, cut where it is long. */
export function inShort(value: unknown): string {
  if (typeof value !== "string") return "";
  const line = value.slice(0, 2000).trim().replace(/\s+/g, " ");
  const signs = [...line];
  return signs.length > SHOWN ? `${signs.slice(0, SHOWN - 1).join("")}…` : line;
}

/** As people count. */
export function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const DIGITS = "123456789";

/** The text after a preset was taken: it takes the text's place, or joins it. */
function withPreset(value: unknown, preset: string, joins: boolean): string {
  const text = typeof value === "string" ? value : "";
  if (!joins || text.trim() === "") return preset;
  return /\s$/.test(text) ? text + preset : `${text} ${preset}`;
}

/** Presets have the digits with Alt, which type nothing, and so work in the field too. */
export function presetKeys(joins: boolean) {
  return (question: Question, taken: ReadonlySet<string>): Hotkey[] => {
    const presets = (question.preOptions ?? []).slice(0, DIGITS.length);
    const keys = presets.map((_, at) => `alt+${DIGITS[at]}`);
    // All of them or none: the field has them by itself while it is typed in.
    if (keys.some((key) => taken.has(key))) return [];
    return presets.map((preset, at) => ({
      key: keys[at] as string,
      option: String(at),
      text: inShort(preset),
      apply: (value) => withPreset(value, preset, joins),
      completes: false,
    }));
  };
}

/** Fields know one way to end a line. */
export function asShown(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** What was typed, with the ends of lines that the text before had: nobody changed those. */
export function asKept(typed: string, before: string): string {
  if (!before.includes("\r")) return typed;
  const ends = new Set(before.match(/\r\n?|\n/g));
  if (ends.size === 1) return typed.replaceAll("\n", [...ends][0] as string);
  // Of several ways: what is the same at both sides is kept, what lies between is as it was typed.
  const signs = before.match(/\r\n|[\s\S]/g) ?? [];
  const least = Math.min(signs.length, typed.length);
  const same = (at: number, on: number) => asShown(signs[at] as string) === typed[on];
  let head = 0;
  while (head < least && same(head, head)) head++;
  let tail = 0;
  while (tail < least - head && same(signs.length - 1 - tail, typed.length - 1 - tail)) tail++;
  return [
    ...signs.slice(0, head),
    typed.slice(head, typed.length - tail),
    ...signs.slice(signs.length - tail),
  ].join("");
}

interface Props extends FieldProps {
  /** What is shown while there is no answer. */
  given?: string;
  least: number;
  most: number;
  /** The longest text that can be kept. */
  limit: number;
  /** Presets join the text. */
  joins: boolean;
}

export function TypedField(props: Props) {
  // Another object's text is another field: what is half composed does not move over.
  return <Typed key={props.name} {...props} />;
}

function Typed(props: Props) {
  const { question, value, given = "", frozen, name, hotkeys, joins, limit, onChange } = props;
  const session = useSession();
  const item = session.position.value;
  const hint = useId();
  // While an input method composes, what is seen is not yet what is meant. Buttons leave the focus here on the way to
  // another item: the text that was typed stays the former one's.
  const [typed, setTyped] = useState<{ item: number; text: string } | null>(null);
  const draft = typed?.item === item ? typed.text : null;
  const text = typeof value === "string" ? value : given;
  const gone = useRef(false);
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(
    () => () => {
      gone.current = true;
    },
    [],
  );
  const say = (next: string) => {
    // A field that is taken away may still be told that its input method ends: by now another object is meant.
    if (gone.current) return;
    onChange(next === "" ? null : asKept(next, text), `type/${question.questionId}`);
  };
  const seen = asShown(text);
  const take = (preset: string) => {
    if (frozen) return;
    const field = area.current;
    const inside = joins && field && document.activeElement === field && text !== "";
    setTyped(null);
    if (!inside) onChange(withPreset(value, preset, joins));
    else {
      const from = field.selectionStart;
      const next = seen.slice(0, from) + preset + seen.slice(field.selectionEnd);
      onChange(asKept(next, text));
      requestAnimationFrame(() =>
        field.setSelectionRange(from + preset.length, from + preset.length),
      );
    }
  };
  const shown = draft ?? seen;
  const wrong = isBlank(shown)
    ? null
    : (topic(question.type)?.value?.unfit?.(question, shown) ?? null);
  const presets = question.preOptions ?? [];
  const lines = shown.length < 5000 ? shown.split("\n").length : props.most;
  return (
    <>
      <textarea
        ref={area}
        class={props.least > 2 ? "typed typed-long" : "typed"}
        rows={Math.min(props.most, Math.max(props.least, lines))}
        maxLength={limit}
        aria-label={question.markTitle}
        aria-required={question.mustFill === true}
        aria-invalid={wrong !== null || undefined}
        aria-describedby={hint}
        data-question={question.questionId}
        data-field={name}
        dir="auto"
        spellcheck={false}
        autocomplete="off"
        readOnly={frozen}
        value={shown}
        onInput={(event) => {
          const next = event.currentTarget.value;
          setTyped({ item, text: next });
          if (!event.isComposing) say(next);
        }}
        onCompositionEnd={(event) => {
          if (draft !== null) say(event.currentTarget.value);
        }}
        onBlur={(event) => {
          if (draft !== null && draft !== seen && !frozen) say(event.currentTarget.value);
          setTyped(null);
        }}
        onKeyDown={(event) => {
          const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
          const preset = presets[Number(digit) - 1];
          const plain = event.ctrlKey || event.metaKey || event.shiftKey;
          if (!event.altKey || plain || preset === undefined) return;
          // Its own presets come before those of another question.
          event.preventDefault();
          event.stopPropagation();
          take(preset);
        }}
      />
      <div id={hint} class="typed-notes">
        {wrong !== null && (
          <p class="typed-wrong" role="status">
            {wrong}
          </p>
        )}
        {wrong === null && question.ruleHint && <p class="panel-hint">{question.ruleHint}</p>}
        <Count question={question} text={shown} />
      </div>
      {presets.length > 0 && !frozen && (
        <div class="presets" role="group" aria-label={t("typed.presets")}>
          {presets.map((preset, at) => {
            const own = hotkeys.find(({ option }) => option === String(at))?.key;
            return (
              <button
                key={at}
                type="button"
                class="btn btn-s preset"
                data-preset={at}
                title={preset}
                onMouseDown={keepFocus}
                onClick={() => take(preset)}
              >
                <span class="truncate">{inShort(preset)}</span>
                {own && <Kbd name={own} />}
              </button>
            );
          })}
        </div>
      )}
    </>
  );
}

/** How long the text is, where that is limited. */
function Count({ question, text }: { question: Question; text: string }) {
  const { least, most } = question;
  if (least === undefined && most === undefined) return null;
  const n = lengthOf(text);
  const range =
    least === undefined
      ? t("typed.most", { n, most: most ?? 0 })
      : most === undefined
        ? t("typed.least", { n, least })
        : t("typed.between", { n, least, most });
  return <p class="panel-hint num">{range}</p>;
}
