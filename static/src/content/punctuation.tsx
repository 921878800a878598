/* Marks that are put into the text that is typed, by a key or a press: what is heard is written down without looking. */

import { useEffect, useRef } from "preact/hooks";
import { wholeQuestions } from "../core/answer-keys";
import { useViewScope } from "../core/focus-view";
import { t } from "../core/i18n";
import type { Binding } from "../core/keys";
import { reads, regionQuestions } from "../core/regions";
import { topic } from "../core/registry";
import type { Session } from "../core/session";
import type { View } from "../core/types";
import { useSession } from "../ui/context";
import { Kbd } from "../ui/kbd";

/** In the order of Alt and the digits. */
const MARKS: Record<string, readonly string[]> = {
  zh: ["，", "。", "？", "！", "、", "；", "：", "……", "《》"],
  en: [", ", ". ", "? ", "! ", "; ", ": ", " – ", "… ", "“”"],
};

type Field = HTMLTextAreaElement | HTMLInputElement;

function isTyped(target: EventTarget | null): target is Field {
  const field = target as HTMLInputElement | null;
  if (field?.tagName === "TEXTAREA") return !field.readOnly;
  return field?.tagName === "INPUT" && field.dataset.question !== undefined && !field.readOnly;
}

const PAIRS = new Set(["《》", "“”"]);

/** What takes the place of what is selected, from where, and where the caret stands then. */
export function marked(
  text: string,
  from: number,
  to: number,
  mark: string,
): { from: number; text: string; caret: number } {
  if (PAIRS.has(mark)) {
    const inner = text.slice(from, to);
    // Nothing is selected: what is typed next goes between.
    return { from, text: mark[0] + inner + mark[1], caret: inner ? to + 2 : from + 1 };
  }
  // After a space the mark follows the word before it.
  const late = /^[,.;:?!]/.test(mark) && /\S $/.test(text.slice(0, from)) ? 1 : 0;
  return { from: from - late, text: mark, caret: from - late + mark.length };
}

function insertMark(field: Field, mark: string): void {
  const [from, to] = [field.selectionStart ?? 0, field.selectionEnd ?? 0];
  const put = marked(field.value, from, to, mark);
  field.setRangeText(put.text, put.from, to);
  field.setSelectionRange(put.caret, put.caret);
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
}

/** Whether something heard is written down: of a segment, or of the whole item where there is nothing but the sound. */
function writes(session: Session, view: View): boolean {
  const { questions, views } = session.template;
  return (
    regionQuestions(questions, view).some(({ question }) => reads(question)) ||
    (views.length === 1 && wholeQuestions(session).some((one) => topic(one.type)?.value?.typed))
  );
}

export function Punctuation({ view }: { view: View }) {
  const session = useSession();
  const last = useRef<Field | null>(null);
  const marks = MARKS[session.assignment.language.startsWith("zh") ? "zh" : "en"] ?? [];
  const shown = writes(session, view);

  useEffect(() => {
    const remember = (event: FocusEvent) => {
      if (isTyped(event.target)) last.current = event.target;
    };
    document.addEventListener("focusin", remember);
    return () => document.removeEventListener("focusin", remember);
  }, []);

  const put = (mark: string) => {
    const field = last.current;
    if (!field?.isConnected || session.frozen.peek() !== null) return;
    if (document.activeElement !== field) field.focus();
    insertMark(field, mark);
  };
  useViewScope(view, "keys.scope.punctuation", () =>
    shown
      ? marks.map(
          (mark, at): Binding => ({
            keys: [`alt+${at + 1}`],
            text: null,
            label: t("punctuation.put", { mark: mark.trim() }),
            editable: true,
            anywhere: true,
            when: () => isTyped(document.activeElement),
            run: () => put(mark),
          }),
        )
      : [],
  );
  if (!shown || session.frozen.value !== null) return null;
  return (
    <div class="punctuation" role="toolbar" aria-label={t("punctuation.bar")}>
      <Kbd name="alt" />
      {marks.map((mark, at) => (
        <button
          key={mark}
          type="button"
          class="btn btn-s"
          title={t("punctuation.put", { mark: mark.trim() })}
          aria-keyshortcuts={`Alt+${at + 1}`}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => put(mark)}
        >
          <span>{mark.trim()}</span>
          <Kbd name={String(at + 1)} />
        </button>
      ))}
    </div>
  );
}
