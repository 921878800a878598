/* Fields of the property panel, each with what is wrong with it below. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { type Key, t } from "../core/i18n";
import { useDesigner } from "./context";
import type { Json } from "./model";

interface Shared {
  text: Key;
  help?: Key;
  /** The member of the part that it is about, for what is wrong. */
  member?: string;
}

/** What is wrong with a member of what is chosen, or with what lies in it. */
export function useFaults(member: string | undefined, uid?: string | null): string[] {
  const designer = useDesigner();
  const about = uid === undefined ? designer.chosen.value : uid;
  if (member === undefined) return [];
  return designer.faults.value
    .filter(
      (one) =>
        one.uid === about &&
        (one.member === member ||
          one.member.startsWith(`${member}.`) ||
          one.member.startsWith(`${member}[`)),
    )
    .map((one) => one.message);
}

interface FieldProps extends Shared {
  uid?: string | null;
  children: (props: {
    id: string;
    describedBy: string | undefined;
    invalid: boolean;
  }) => ComponentChildren;
}

export function Field({ text, help, member, uid, children }: FieldProps) {
  const id = useId();
  const faults = useFaults(member, uid);
  const notes = [help && `${id}-help`, faults.length > 0 && `${id}-fault`]
    .filter(Boolean)
    .join(" ");
  return (
    <div class="ds-field" data-member={member}>
      <label for={id}>{t(text)}</label>
      {children({ id, describedBy: notes || undefined, invalid: faults.length > 0 })}
      {help && (
        <p class="ds-help" id={`${id}-help`}>
          {t(help)}
        </p>
      )}
      {faults.length > 0 && (
        <p class="ds-fault" id={`${id}-fault`}>
          {faults.join(" ")}
        </p>
      )}
    </div>
  );
}

interface TextProps extends Shared {
  value: string;
  lines?: number;
  list?: readonly string[];
  uid?: string | null;
  placeholder?: string;
  onInput: (value: string) => void;
}

export function TextField({ value, lines, list, onInput, placeholder, ...shared }: TextProps) {
  const { frozen } = useDesigner();
  const options = useId();
  return (
    <Field {...shared}>
      {({ id, describedBy, invalid }) => {
        const common = {
          id,
          value,
          placeholder,
          readOnly: frozen !== "",
          "aria-describedby": describedBy,
          "aria-invalid": invalid,
        };
        if (lines) {
          return (
            <textarea
              {...common}
              rows={lines}
              onInput={(event) => onInput(event.currentTarget.value)}
            />
          );
        }
        return (
          <>
            <input
              {...common}
              type="text"
              list={list && options}
              onInput={(event) => onInput(event.currentTarget.value)}
            />
            {list && (
              <datalist id={options}>
                {list.map((one) => (
                  <option key={one} value={one} />
                ))}
              </datalist>
            )}
          </>
        );
      }}
    </Field>
  );
}

/** One entry a line. */
export function LinesField({
  value,
  onInput,
  ...shared
}: Omit<TextProps, "value" | "onInput"> & {
  value: readonly string[];
  onInput: (value: string[] | undefined) => void;
}) {
  return (
    <TextField
      {...shared}
      lines={3}
      value={value.join("\n")}
      onInput={(text) => onInput(text === "" ? undefined : text.split("\n"))}
    />
  );
}

export function NumberField({
  value,
  onInput,
  usual,
  ...shared
}: Shared & { value: unknown; usual?: unknown; onInput: (value: number | undefined) => void }) {
  const { frozen } = useDesigner();
  return (
    <Field {...shared}>
      {({ id, describedBy, invalid }) => (
        <input
          id={id}
          type="number"
          step="any"
          value={typeof value === "number" ? value : ""}
          placeholder={typeof usual === "number" ? String(usual) : undefined}
          readOnly={frozen !== ""}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onInput={(event) => {
            const number = event.currentTarget.valueAsNumber;
            onInput(Number.isFinite(number) ? number : undefined);
          }}
        />
      )}
    </Field>
  );
}

export function FlagField({
  text,
  help,
  value,
  onInput,
}: Shared & { value: boolean; onInput: (value: boolean) => void }) {
  const { frozen } = useDesigner();
  const id = useId();
  return (
    <div class="ds-field ds-flag">
      <label>
        <input
          type="checkbox"
          checked={value}
          disabled={frozen !== ""}
          aria-describedby={help && id}
          onChange={(event) => onInput(event.currentTarget.checked)}
        />
        {t(text)}
      </label>
      {help && (
        <p class="ds-help" id={id}>
          {t(help)}
        </p>
      )}
    </div>
  );
}

export interface Choice {
  value: string;
  text: string;
}

export function SelectField({
  value,
  choices,
  onInput,
  uid,
  ...shared
}: Shared & {
  value: string;
  choices: readonly Choice[];
  uid?: string | null;
  onInput: (value: string) => void;
}) {
  const { frozen } = useDesigner();
  return (
    <Field {...shared} {...(uid === undefined ? {} : { uid })}>
      {({ id, describedBy, invalid }) => (
        <select
          id={id}
          value={value}
          disabled={frozen !== ""}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onChange={(event) => onInput(event.currentTarget.value)}
        >
          {choices.map((one) => (
            <option key={one.value} value={one.value}>
              {one.text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Several of a few. */
export function ManyField({
  text,
  help,
  member,
  value,
  choices,
  onInput,
}: Shared & {
  value: readonly string[];
  choices: readonly Choice[];
  onInput: (value: string[]) => void;
}) {
  const { frozen } = useDesigner();
  const faults = useFaults(member);
  return (
    <fieldset class="ds-field ds-many" data-member={member}>
      <legend>{t(text)}</legend>
      {choices.map((one) => (
        <label key={one.value}>
          <input
            type="checkbox"
            checked={value.includes(one.value)}
            disabled={frozen !== ""}
            onChange={(event) => {
              const on = event.currentTarget.checked;
              onInput(
                choices
                  .map((other) => other.value)
                  .filter((other) => (other === one.value ? on : value.includes(other))),
              );
            }}
          />
          {one.text}
        </label>
      ))}
      {help && <p class="ds-help">{t(help)}</p>}
      {faults.length > 0 && <p class="ds-fault">{faults.join(" ")}</p>}
    </fieldset>
  );
}

export function textOf(config: Json, name: string): string {
  const value = config[name];
  return typeof value === "string" ? value : "";
}

export function listOf(config: Json, name: string): string[] {
  const value = config[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
