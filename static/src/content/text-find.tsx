/* Looking for words in a text, and giving all places of them their labels at once. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { t, tn } from "../core/i18n";
import { describe, labelsFor, stickyLabels } from "../core/regions";
import { Button } from "../ui/button";
import { Kbd } from "../ui/kbd";
import type { Search, TextView } from "./text-view";

export function TextFind({ view, search }: { view: TextView; search: Search }) {
  const { session } = view;
  const field = useRef<HTMLInputElement>(null);
  const found = view.found.value;
  const marks = view.marks;
  void [session.sheet.value?.document.changed.value, stickyLabels.value];
  const open = marks ? view.open.length : 0;
  const question = view.target?.question;
  const labels = search.labels ?? labelsFor(question?.questionId ?? "");
  const said = question ? describe(question, { id: "", type: "", labels }).text : "";

  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  const change = (next: Partial<Search>) => {
    view.foundAt.value = -1;
    view.search.value = { ...search, ...next };
  };
  const leave = () => {
    view.closeSearch();
    view.surface.scroller.focus({ preventScroll: true });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" && event.altKey) label();
    else if (event.key === "Enter" && event.target === field.current && !event.ctrlKey)
      view.goToFound(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const label = () => {
    view.labelFound();
    view.surface.scroller.focus({ preventScroll: true });
  };
  const at = view.foundAt.value;
  const count = search.words === "" ? "" : tn("text.found", found.length);
  return (
    <div class="text-find" role="search" aria-label={t("text.search")} onKeyDown={onKey}>
      <input
        ref={field}
        type="search"
        aria-label={t("text.searchWords")}
        placeholder={t("text.searchWords")}
        value={search.words}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => change({ words: event.currentTarget.value })}
      />
      <output class="small muted num" aria-live="polite">
        {at >= 0 ? t("text.foundAt", { n: at + 1, all: found.length }) : count}
      </output>
      <Button
        text="text.foundPrev"
        icon="up"
        quiet
        kind="quiet"
        keys="shift+Enter"
        disabled={found.length === 0}
        onPress={() => view.goToFound(-1)}
      />
      <Button
        text="text.foundNext"
        icon="down"
        quiet
        kind="quiet"
        keys="Enter"
        disabled={found.length === 0}
        onPress={() => view.goToFound(1)}
      />
      <label class="check-line small">
        <input
          type="checkbox"
          checked={search.exact}
          onChange={(event) => change({ exact: event.currentTarget.checked })}
        />
        {t("text.exact")}
      </label>
      <label class="check-line small">
        <input
          type="checkbox"
          checked={search.whole}
          onChange={(event) => change({ whole: event.currentTarget.checked })}
        />
        {t("text.whole")}
      </label>
      {marks && (
        <button
          type="button"
          class="btn btn-s"
          data-label-found
          aria-keyshortcuts="Alt+Enter"
          disabled={open === 0}
          onClick={label}
        >
          <span>{said ? t("text.labelAs", { n: open, label: said }) : tn("text.mark", open)}</span>
          <Kbd name="alt+Enter" />
        </button>
      )}
      <Button text="dialog.close" icon="cross" quiet kind="quiet" keys="Escape" onPress={leave} />
    </div>
  );
}
