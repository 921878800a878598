/* RANKING: options, or the contents they stand for, in an order: by their keys, by dragging, or moved up and down. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { assignKeys } from "../core/hotkeys";
import { t } from "../core/i18n";
import { pushScope } from "../core/keys";
import { begunOrder, dropBegun, movedTo, orderOf, pick, pickOpen } from "../core/ranking";
import { type FieldProps, type Hotkey, register } from "../core/registry";
import type { Question } from "../core/types";
import { keepFocus } from "../ui/button";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";
import { Kbd } from "../ui/kbd";

function hotkeys(question: Question, taken: ReadonlySet<string>): Hotkey[] {
  const keys = assignKeys(question.options ?? [], taken);
  return (question.options ?? []).flatMap(({ key: option, label }) => {
    const key = keys.get(option);
    if (key === undefined) return [];
    return [
      {
        key,
        option,
        text: label,
        apply: (value: unknown) => value,
        completes: false,
        run: (session, of) => pickOpen(session, of, option),
      } satisfies Hotkey,
    ];
  });
}

const DRAGGED = "text/x-itag-rank";

function RankingField(props: FieldProps) {
  const { question, value, frozen, name, hotkeys: keys, onChange } = props;
  const session = useSession();
  const host = useRef<HTMLOListElement>(null);
  const [drop, setDrop] = useState<number | null>(null);
  const options = question.options ?? [];
  const owner = name === "whole" ? session.sheet.value : name;
  const begun = begunOrder(owner, question);
  const order = orderOf(question, value);
  const ranked = begun ?? order ?? [];
  const rest = options.map(({ key }) => key).filter((key) => !ranked.includes(key));
  const rows = [...ranked, ...rest];
  const busy = begun !== null;
  useLayoutEffect(() => {
    if (!busy) return;
    return pushScope("tool", "keys.scope.options", () => [
      { keys: ["Escape"], text: "ranking.drop", run: dropBegun },
    ]);
  }, [busy]);

  const put = (key: string, place: number) => {
    if (frozen) return;
    dropBegun();
    // What is seen counts, of an order that is begun as well.
    const next = movedTo(rows, key, place);
    if (next.join("\n") !== order?.join("\n")) onChange(next);
    // The row that was moved keeps the focus.
    requestAnimationFrame(() =>
      host.current?.querySelector<HTMLElement>(`[data-option="${CSS.escape(key)}"]`)?.focus(),
    );
  };
  const next = (key: string) => {
    if (frozen) return;
    const whole = pick(owner, question, key);
    if (whole) onChange(whole);
  };
  const onKey = (event: KeyboardEvent) => {
    const key = (event.target as HTMLElement).dataset.option;
    if (key === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const at = rows.indexOf(key);
    if (event.altKey) put(key, at + by);
    else host.current?.querySelectorAll<HTMLElement>("[data-option]")[at + by]?.focus();
  };
  const dropAt = (event: DragEvent, at: number) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return event.clientY < box.top + box.height / 2 ? at : at + 1;
  };

  return (
    <>
      <ol
        ref={host}
        class="ranking"
        aria-label={question.markTitle}
        data-question={question.questionId}
        data-field={name}
        onKeyDown={onKey}
        onDragLeave={() => setDrop(null)}
      >
        {rows.map((key, at) => {
          const option = options.find((one) => one.key === key);
          const place = ranked.indexOf(key);
          const own = keys.find((one) => one.option === key)?.key;
          return (
            <li
              key={key}
              class="rank-row"
              data-drop={drop === at || undefined}
              data-drop-end={(drop === rows.length && at === rows.length - 1) || undefined}
              draggable={!frozen}
              onDragStart={(event) => {
                event.dataTransfer?.setData(DRAGGED, key);
                if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
              }}
              onDragOver={(event) => {
                if (!event.dataTransfer?.types.includes(DRAGGED)) return;
                event.preventDefault();
                setDrop(dropAt(event, at));
              }}
              onDrop={(event) => {
                event.preventDefault();
                setDrop(null);
                const dragged = event.dataTransfer?.getData(DRAGGED) ?? "";
                const from = rows.indexOf(dragged);
                if (from < 0) return;
                const to = dropAt(event, at);
                put(dragged, to > from ? to - 1 : to);
              }}
              onDragEnd={() => setDrop(null)}
            >
              <button
                type="button"
                class="option"
                data-option={key}
                aria-disabled={frozen}
                // Kept from the mouse, as elsewhere, it could not be dragged: it is given back after a click.
                onClick={(event) => {
                  if (event.detail > 0) event.currentTarget.blur();
                  next(key);
                }}
              >
                {!frozen && <Icon name="grip" />}
                <span class="rank-place" aria-hidden="true" data-none={place < 0 || undefined}>
                  {place < 0 ? "–" : place + 1}
                </span>
                <span class="option-label">{option?.label ?? key}</span>
                <span class="visually-hidden">
                  {place < 0 ? t("ranking.unranked") : t("ranking.at", { n: place + 1 })}
                </span>
                {own !== undefined && <Kbd name={own} />}
              </button>
              {!frozen && (
                <span class="rank-moves">
                  <Move text="ranking.up" off={at === 0} onPress={() => put(key, at - 1)} />
                  <Move
                    text="ranking.down"
                    off={at === rows.length - 1}
                    onPress={() => put(key, at + 1)}
                  />
                </span>
              )}
            </li>
          );
        })}
      </ol>
      {!frozen && (
        <p class="panel-hint">
          {t(busy ? "ranking.goOn" : order ? "ranking.change" : "ranking.begin")}
        </p>
      )}
    </>
  );
}

interface MoveProps {
  text: "ranking.up" | "ranking.down";
  off: boolean;
  onPress: () => void;
}

/** For a hand that does not drag; by keys it is Alt and an arrow, so that Tab does not stop at each. */
function Move({ text, off, onPress }: MoveProps) {
  return (
    <button
      type="button"
      class="rank-move"
      tabIndex={-1}
      disabled={off}
      aria-label={t(text)}
      title={`${t(text)} (Alt+${text === "ranking.up" ? "↑" : "↓"})`}
      onMouseDown={keepFocus}
      onClick={onPress}
    >
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path
          d={text === "ranking.up" ? "M2.500 8 6 4.500 9.500 8" : "M2.500 4.500 6 8l3.500-3.500"}
        />
      </svg>
    </button>
  );
}

register({
  kind: "topic",
  type: "RANKING",
  accepts: null,
  value: {
    elementType: "survey/multivalue",
    isEmpty: (value) => !Array.isArray(value) || value.length === 0,
    ordered: true,
    Field: RankingField,
    hotkeys,
    chosen: (value) => (Array.isArray(value) ? (value as string[]) : []),
    describe: (question, value) => {
      const keys = Array.isArray(value) ? (value as string[]) : [];
      const labels = keys.map(
        (key) => question.options?.find((option) => option.key === key)?.label ?? key,
      );
      return { text: labels.join(" > "), color: null };
    },
  },
});
