/* The options of a question: rows with colour, name and shortcut, levels, and a box that takes lists and tables. */

import { useState } from "preact/hooks";
import { t, tn } from "../core/i18n";
import type { Option } from "../core/types";
import { branchLength, canShift, nested } from "../site/lib/levels";
import { Icon } from "../ui/icon";
import { useDesigner } from "./context";
import { configure } from "./edits";
import { useFaults } from "./fields";
import type { QuestionPart } from "./model";
import { complete, flat, parseOptions } from "./paste";

interface Row {
  option: Option;
  depth: number;
}

export function optionsOf(part: QuestionPart): Option[] {
  return Array.isArray(part.config.options) ? (part.config.options as Option[]) : [];
}

export function Options({ part }: { part: QuestionPart }) {
  const designer = useDesigner();
  const [pasting, setPasting] = useState(false);
  const [typed, setTyped] = useState("");
  const options = optionsOf(part);
  const rows = rowsOf(options, 0);
  const frozen = designer.frozen !== "";
  const faults = useFaults("options");
  const put = (next: Option[], group: string | null = null) =>
    designer.change(
      configure(designer.draft.peek(), part.uid, { options: next.length > 0 ? next : undefined }),
      group && `${part.uid}.options.${group}`,
    );
  const putRows = (next: Row[], group: string | null = null) => put(treeOf(next), group);
  const append = (text: string) => {
    const added = complete(parseOptions(text), options, designer.boot);
    if (added.length > 0) put([...options, ...added]);
    return added.length > 0;
  };
  const set = (at: number, change: Partial<Option>) =>
    putRows(
      rows.map((row, index) =>
        index === at ? { ...row, option: { ...row.option, ...change } } : row,
      ),
      `${rows[at]?.option.key}.${Object.keys(change).join()}`,
    );
  const shift = (at: number, by: 1 | -1) => {
    if (!canShift(rows, at, by)) return;
    const end = at + branchLength(rows, at);
    putRows(
      rows.map((row, index) =>
        index >= at && index < end ? { ...row, depth: row.depth + by } : row,
      ),
    );
  };
  const move = (at: number, by: 1 | -1) => {
    const length = branchLength(rows, at);
    const depth = rows[at]?.depth ?? 0;
    let to = by === 1 ? at + length : at - 1;
    if (by === 1) {
      if (rows[to]?.depth !== depth) return;
      to += branchLength(rows, to) - length;
    } else {
      while (to >= 0 && (rows[to]?.depth ?? 0) > depth) to--;
      if (to < 0 || rows[to]?.depth !== depth) return;
    }
    const moved = rows.slice(at, at + length);
    const rest = rows.toSpliced(at, length);
    putRows(rest.toSpliced(to, 0, ...moved));
  };
  return (
    <fieldset class="ds-field ds-options" data-member="options">
      <legend>{t("designer.prop.options")}</legend>
      {rows.length === 0 && <p class="ds-help">{t("designer.options.none")}</p>}
      {rows.map(({ option, depth }, at) => (
        <div key={option.key} class="ds-option" style={{ marginInlineStart: `${depth * 0.9}rem` }}>
          <input
            type="color"
            value={option.color ?? "#888888"}
            disabled={frozen}
            aria-label={t("designer.option.color", { label: option.label })}
            onInput={(event) => set(at, { color: event.currentTarget.value })}
          />
          <input
            type="text"
            class="ds-option-label"
            value={option.label}
            readOnly={frozen}
            maxLength={100}
            aria-label={t("designer.option.label", { n: at + 1 })}
            onInput={(event) => set(at, { label: event.currentTarget.value })}
            onKeyDown={(event) => {
              if (!event.altKey || event.isComposing) return;
              const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
              if (by === undefined) return;
              event.preventDefault();
              event.stopPropagation();
              const across = event.key === "ArrowRight" || event.key === "ArrowLeft";
              (across ? shift : move)(at, by as 1 | -1);
            }}
          />
          <input
            type="text"
            class="ds-option-key"
            value={option.shortcut ?? ""}
            readOnly={frozen}
            maxLength={1}
            aria-label={t("designer.option.shortcut", { label: option.label })}
            onInput={(event) => set(at, { shortcut: event.currentTarget.value.toLowerCase() })}
          />
          {!frozen && (
            <button
              type="button"
              class="btn btn-quiet btn-icon btn-s"
              aria-label={t("designer.option.remove", { label: option.label })}
              title={t("designer.option.remove", { label: option.label })}
              onClick={() => putRows(rows.toSpliced(at, branchLength(rows, at)))}
            >
              <Icon name="cross" />
            </button>
          )}
        </div>
      ))}
      {faults.length > 0 && <p class="ds-fault">{faults.join(" ")}</p>}
      {!frozen && (
        <form
          class="ds-add"
          onSubmit={(event) => {
            event.preventDefault();
            if (append(typed)) setTyped("");
          }}
        >
          <input
            type="text"
            value={typed}
            maxLength={100}
            placeholder={t("designer.options.add")}
            aria-label={t("designer.options.add")}
            data-add-option
            onInput={(event) => setTyped(event.currentTarget.value)}
            onPaste={(event) => {
              const text = event.clipboardData?.getData("text/plain") ?? "";
              if (!/[\r\n\t]/.test(text.trim())) return;
              event.preventDefault();
              append(text);
            }}
          />
          <button type="submit" class="btn btn-s">
            <Icon name="plus" />
            {t("designer.add")}
          </button>
          <button
            type="button"
            class="btn btn-s btn-quiet"
            aria-expanded={pasting}
            onClick={() => setPasting(!pasting)}
          >
            {t("designer.options.paste")}
          </button>
        </form>
      )}
      {pasting && !frozen && (
        <PasteBox count={flat(options).length} onTake={append} onClose={() => setPasting(false)} />
      )}
      <p class="ds-help">{t("designer.options.help")}</p>
    </fieldset>
  );
}

function PasteBox({
  count,
  onTake,
  onClose,
}: {
  count: number;
  onTake: (text: string) => boolean;
  onClose: () => void;
}) {
  const designer = useDesigner();
  const [text, setText] = useState("");
  const found = flat(parseOptions(text)).length;
  const tooMany = found + count > designer.boot.limits.options;
  return (
    <div class="ds-paste">
      <textarea
        rows={6}
        value={text}
        autofocus
        aria-label={t("designer.options.paste")}
        placeholder={t("designer.options.paste.example")}
        data-paste
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p class="ds-help">{t("designer.options.paste.help")}</p>
      <button
        type="button"
        class="btn btn-s btn-primary"
        disabled={found === 0 || tooMany}
        onClick={() => {
          onTake(text);
          onClose();
        }}
      >
        {tooMany ? t("designer.options.tooMany") : tn("designer.options.take", found)}
      </button>
    </div>
  );
}

function rowsOf(options: readonly Option[], depth: number): Row[] {
  return options.flatMap((option) => [
    { option, depth },
    ...rowsOf(option.children ?? [], depth + 1),
  ]);
}

function treeOf(rows: Row[]): Option[] {
  return nested(rows, ({ option }, children: Option[]) => {
    const { children: _, ...own } = option;
    return children.length > 0 ? { ...own, children } : own;
  });
}
