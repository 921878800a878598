/* TEXT_EDIT: the text of a field, edited; what was changed in it is shown below. */

import { useMemo } from "preact/hooks";
import { t, tn } from "../core/i18n";
import { type FieldProps, register } from "../core/registry";
import { differences, type Piece } from "../core/text-diff";
import type { Question } from "../core/types";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { LONG } from "./open-ended";
import { inShort, isBlank, TypedField } from "./typed";

function givenText(question: Question, data: Readonly<Record<string, unknown>> = {}): string {
  const given = data[question.field ?? ""];
  return typeof given === "string" ? given : "";
}

function EditField(props: FieldProps) {
  const { question, value, frozen, onChange } = props;
  const given = givenText(question, useSession().payload.value?.data);
  const text = typeof value === "string" ? value : given;
  return (
    <>
      <TypedField {...props} given={given} least={6} most={20} limit={LONG} joins={false} />
      {text === given ? (
        <p class="panel-hint">{t("edit.asGiven")}</p>
      ) : (
        <>
          <Changed before={given} after={text} />
          {!frozen && (
            <Button text="edit.putBack" class="btn-s" onPress={() => onChange(given || null)} />
          )}
        </>
      )}
    </>
  );
}

/** So much of what stayed the same is shown around a change. */
const AROUND = 40;

function Changed({ before, after }: { before: string; after: string }) {
  const pieces = useMemo(() => differences(before, after), [before, after]);
  if (pieces === null) return <p class="panel-hint">{t("edit.much")}</p>;
  const changes = pieces.filter(
    ({ kind }, at) => kind !== "same" && pieces[at - 1]?.kind !== "gone",
  );
  return (
    <details class="text-changes" open>
      <summary>{tn("edit.changes", changes.length)}</summary>
      <p dir="auto">
        {pieces.map((piece, at) => (
          <Part key={at} piece={piece} first={at === 0} last={at === pieces.length - 1} />
        ))}
      </p>
    </details>
  );
}

function Part({ piece, first, last }: { piece: Piece; first: boolean; last: boolean }) {
  const { kind, text } = piece;
  if (kind === "gone") return <del>{text}</del>;
  if (kind === "new") return <ins>{text}</ins>;
  if (text.length <= 2 * AROUND) return <>{text}</>;
  const begin = first ? "" : text.slice(0, AROUND);
  const end = last ? "" : text.slice(-AROUND);
  return <>{`${begin} … ${end}`}</>;
}

register({
  kind: "topic",
  type: "TEXT_EDIT",
  accepts: null,
  value: {
    elementType: "survey/value",
    isEmpty: isBlank,
    typed: true,
    Field: EditField,
    hotkeys: () => [],
    begins: (question, data) => givenText(question, data) || null,
    describe: (_question, value) => ({ text: inShort(value), color: null }),
  },
});
