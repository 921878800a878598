/* The options of a choice as buttons: a tree that folds, and a search where they are many. */

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t, tn } from "../core/i18n";
import { pushScope } from "../core/keys";
import {
  foldedAtFirst,
  foundRows,
  MOST_ROWS,
  type OptionRow,
  optionRows,
  SEARCHED,
  unfoldedRows,
} from "../core/options";
import type { FieldProps } from "../core/registry";
import { keepFocus } from "../ui/button";
import { Kbd } from "../ui/kbd";

/** Which branches of each question are folded; they stay so from item to item. */
const foldedOf = signal<ReadonlyMap<string, ReadonlySet<string>>>(new Map());

const SEARCH_KEY = "/";

interface Props extends FieldProps {
  chosen: readonly string[];
  /** What a press on an option leads to. */
  toggle: (key: string) => void;
}

export function ChoiceField({ question, frozen, hotkeys, name, chosen, toggle }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState("");
  const rows = optionRows(question.options);
  const searched = rows.length > SEARCHED;
  const folded = foldedOf.value.get(question.questionId) ?? foldedAtFirst(rows, chosen);
  const found = query.trim() === "" ? unfoldedRows(rows, folded) : foundRows(rows, query);
  const shown = found.filter((row, at) => at < MOST_ROWS || chosen.includes(row.option.key));
  const keys = new Map(hotkeys.map((hotkey) => [hotkey.option, hotkey.key]));

  useLayoutEffect(() => {
    if (!searched) return;
    return pushScope("topic", "keys.scope.options", () => [
      { keys: [SEARCH_KEY], text: "options.search", run: () => search.current?.focus() },
    ]);
  }, [searched]);

  const fold = (key: string, shut: boolean) => {
    const next = new Set(folded);
    if (shut) next.add(key);
    else next.delete(key);
    foldedOf.value = new Map(foldedOf.peek()).set(question.questionId, next);
  };
  const pick = (row: OptionRow) => {
    if (!frozen) toggle(row.option.key);
  };
  return (
    <div ref={root} class="stack-s" onKeyDown={(event) => arrows(event, root.current, rows, fold)}>
      {searched && (
        <label class="option-search">
          <span class="visually-hidden">{t("options.search")}</span>
          <input
            ref={search}
            type="search"
            placeholder={t("options.search")}
            value={query}
            onInput={(event) => setQuery(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.isComposing || event.keyCode === 229) return;
              const first = shown[0];
              if (event.key === "Escape" || (event.key === "Enter" && first && query.trim())) {
                if (event.key === "Enter" && first) pick(first);
                event.preventDefault();
                event.stopPropagation();
                setQuery("");
                event.currentTarget.blur();
              }
            }}
          />
          <Kbd name={SEARCH_KEY} />
        </label>
      )}
      <div
        class="options"
        role="group"
        aria-label={question.markTitle}
        data-question={question.questionId}
        data-field={name}
      >
        {shown.map((row) => (
          <Row
            key={row.option.key}
            row={row}
            rank={chosen.indexOf(row.option.key)}
            several={chosen.length > 1}
            hotkey={keys.get(row.option.key)}
            frozen={frozen}
            onPick={() => pick(row)}
            onFold={() => fold(row.option.key, !row.folded)}
          />
        ))}
      </div>
      {query.trim() !== "" && found.length === 0 && (
        <p class="small muted">{t("options.nothing")}</p>
      )}
      {found.length > shown.length && (
        <p class="small muted">{tn("options.more", found.length - shown.length)}</p>
      )}
    </div>
  );
}

interface RowProps {
  row: OptionRow;
  /** Its place among the chosen ones, or -1. */
  rank: number;
  several: boolean;
  hotkey: string | undefined;
  frozen: boolean;
  onPick: () => void;
  onFold: () => void;
}

function Row({ row, rank, several, hotkey, frozen, onPick, onFold }: RowProps) {
  const { option, depth, path, branch, folded } = row;
  const chosen = rank >= 0;
  return (
    <div class="option-row" data-depth={depth}>
      {branch && (
        <button
          type="button"
          class="option-fold"
          tabIndex={-1}
          aria-expanded={!folded}
          aria-label={t(folded ? "options.unfold" : "options.fold", { label: option.label })}
          onMouseDown={keepFocus}
          onClick={onFold}
        >
          <svg viewBox="0 0 12 12" aria-hidden="true">
            <path d={folded ? "M4.500 2.500 8 6l-3.500 3.500" : "M2.500 4.500 6 8l3.500-3.500"} />
          </svg>
        </button>
      )}
      <button
        type="button"
        class="option"
        data-option={option.key}
        aria-pressed={chosen}
        disabled={frozen && !chosen}
        aria-disabled={frozen}
        onMouseDown={keepFocus}
        onClick={onPick}
      >
        <span class="swatch" style={{ "--color": option.color || "var(--line-strong)" }}>
          {chosen && <Tick />}
        </span>
        <span class="option-label">
          {depth === 0 && path.length > 0 && (
            <span class="option-path">{`${path.join(" › ")} › `}</span>
          )}
          {option.label}
        </span>
        {chosen && several && (
          <span class="option-rank" title={t("choice.rank")}>
            {rank + 1}
          </span>
        )}
        {hotkey !== undefined && <Kbd name={hotkey} />}
      </button>
    </div>
  );
}

/** Up and down go through what is shown, right and left fold; nothing of it turns to another item. */
function arrows(
  event: KeyboardEvent,
  root: HTMLElement | null,
  rows: readonly OptionRow[],
  fold: (key: string, shut: boolean) => void,
): void {
  if (!root || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = event.target as HTMLElement;
  const buttons = [...root.querySelectorAll<HTMLButtonElement>(".option:not(:disabled)")];
  const at = buttons.indexOf(target as HTMLButtonElement);
  const inSearch = target.tagName === "INPUT";
  if (at < 0 && !inSearch) return;
  const to = (button: HTMLElement | null | undefined) => button?.focus();
  const row = rows.find((one) => one.option.key === target.dataset.option);
  const shut = target.parentElement?.querySelector("[aria-expanded=false]") != null;
  if (event.key === "ArrowDown") to(buttons[at + 1]);
  else if (event.key === "ArrowUp" && !inSearch) to(buttons[at - 1] ?? root.querySelector("input"));
  else if (event.key === "ArrowRight" && row?.branch) {
    if (shut) fold(row.option.key, false);
    else to(buttons[at + 1]);
  } else if (event.key === "ArrowLeft" && row?.branch && !shut) fold(row.option.key, true);
  else if (event.key === "ArrowLeft" && row?.parent) {
    to(buttons.find((one) => one.dataset.option === row.parent));
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function Tick() {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true">
      <path d="M2.5 6.5 5 9l4.5-6" />
    </svg>
  );
}
