/* INPUT: a text that is typed, of the whole item or of a region. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type FieldProps, register } from "../core/registry";
import { useSession } from "../ui/context";

/** The server's MAX_TEXT. */
const MOST = 20_000;
const SHOWN = 80;

function isEmpty(value: unknown): boolean {
  return typeof value !== "string" || value.trim() === "";
}

/** The text in one line, cut where it is long. */
export function inShort(value: unknown): string {
  if (typeof value !== "string") return "";
  const line = value.trim().replace(/\s+/g, " ");
  const signs = [...line];
  return signs.length > SHOWN ? `${signs.slice(0, SHOWN - 1).join("")}…` : line;
}

function InputField(props: FieldProps) {
  // Another object's text is another field: what is half composed does not move over.
  return <Typed key={props.name} {...props} />;
}

function Typed({ question, value, frozen, name, onChange }: FieldProps) {
  const session = useSession();
  const item = session.position.value;
  // While an input method composes, what is seen is not yet what is meant. Buttons leave the focus here on the way to
  // another item: the text that was typed stays the former one's.
  const [typed, setTyped] = useState<{ item: number; text: string } | null>(null);
  const draft = typed?.item === item ? typed.text : null;
  const text = typeof value === "string" ? value : "";
  const gone = useRef(false);
  useLayoutEffect(
    () => () => {
      gone.current = true;
    },
    [],
  );
  const say = (next: string) => {
    // A field that is taken away may still be told that its input method ends: by now another object is meant.
    if (!gone.current) onChange(next === "" ? null : next, `type/${question.questionId}`);
  };
  return (
    <textarea
      class="typed"
      rows={Math.min(6, Math.max(2, (draft ?? text).split("\n").length))}
      maxLength={MOST}
      aria-label={question.markTitle}
      aria-required={question.mustFill === true}
      data-question={question.questionId}
      data-field={name}
      spellcheck={false}
      autocomplete="off"
      readOnly={frozen}
      value={draft ?? text}
      onInput={(event) => {
        const next = event.currentTarget.value;
        setTyped({ item, text: next });
        if (!event.isComposing) say(next);
      }}
      onCompositionEnd={(event) => {
        if (draft !== null) say(event.currentTarget.value);
      }}
      onBlur={(event) => {
        if (draft !== null && draft !== text && !frozen) say(event.currentTarget.value);
        setTyped(null);
      }}
    />
  );
}

register({
  kind: "topic",
  type: "INPUT",
  accepts: null,
  value: {
    elementType: "survey/value",
    isEmpty,
    typed: true,
    Field: InputField,
    hotkeys: () => [],
    describe: (_question, value) => ({ text: inShort(value), color: null }),
  },
});
