/* INPUT: a short text of a form that a rule may ask for, of the whole item or of a region. */

import { t } from "../core/i18n";
import { type FieldProps, register } from "../core/registry";
import { breaksRule } from "../core/rule";
import type { Question } from "../core/types";
import { inShort, isBlank, presetKeys, TypedField } from "./typed";

/** The server's MAX_TEXT. */
const LIMIT = 20_000;

function InputField(props: FieldProps) {
  return <TypedField {...props} least={2} most={6} limit={LIMIT} joins={false} />;
}

function unfit({ rule, ruleHint }: Question, value: unknown): string | null {
  if (!rule || typeof value !== "string" || !breaksRule(rule, value)) return null;
  return ruleHint ? t("typed.ruleHint", { hint: ruleHint }) : t("typed.rule", { rule });
}

register({
  kind: "topic",
  type: "INPUT",
  accepts: null,
  value: {
    elementType: "survey/value",
    isEmpty: isBlank,
    typed: true,
    Field: InputField,
    hotkeys: presetKeys(false),
    unfit,
    describe: (_question, value) => ({ text: inShort(value), color: null }),
  },
});
