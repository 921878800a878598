/* OPEN_ENDED: a long text, of a least and a greatest length if need be. */

import { t } from "../core/i18n";
import { type FieldProps, register } from "../core/registry";
import type { Question } from "../core/types";
import { inShort, isBlank, lengthOf, presetKeys, TypedField } from "./typed";

/** The server's MAX_LONG_TEXT. */
export const LONG = 1_000_000;

function OpenField(props: FieldProps) {
  return <TypedField {...props} least={5} most={16} limit={LONG} joins />;
}

function unfit({ markTitle, least = 0, most = LONG }: Question, value: unknown): string | null {
  if (typeof value !== "string") return null;
  const n = lengthOf(value);
  if (n < least) return t("typed.tooShort", { title: markTitle, n, least });
  return n > most ? t("typed.tooLong", { title: markTitle, n, most }) : null;
}

register({
  kind: "topic",
  type: "OPEN_ENDED",
  accepts: null,
  value: {
    elementType: "survey/value",
    isEmpty: isBlank,
    typed: true,
    Field: OpenField,
    hotkeys: presetKeys(true),
    unfit,
    describe: (_question, value) => ({ text: inShort(value), color: null }),
  },
});
