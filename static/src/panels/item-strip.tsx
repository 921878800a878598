/* All items of the package by number and state; only those in view exist. */

import { t } from "../core/i18n";
import { settings } from "../core/settings";
import { isDone } from "../core/sheet";
import type { ItemState } from "../core/types";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Icon, type IconName } from "../ui/icon";
import { VirtualList } from "../ui/virtual-list";

const ROW = 36;

const ICONS: Record<ItemState, IconName | null> = {
  open: null,
  answered: "check",
  abandoned: "ban",
  locked: "lock",
  passed: "check",
  modified: "edit",
  rejected: "flag",
  unsampled: null,
};

export function ItemStrip() {
  const session = useSession();
  const list = session.list.value;
  const position = session.position.value;
  const active = list.findIndex((item) => item.position === position);
  const unsent = session.outbox.unsent.value;
  if (!settings.strip.value) return null;
  const open = list.filter((item) => !isDone(item.state)).length;
  return (
    <nav class="wb-strip" aria-label={t("items.title")}>
      <div class="strip-head">
        <h2>{t("items.title")}</h2>
        <span class="muted num">{list.length}</span>
      </div>
      <VirtualList
        count={list.length}
        rowHeight={ROW}
        active={active}
        role="listbox"
        label={t("items.title")}
        class="strip-list"
        activeId={`item-${position}`}
        onFocusKey={(event) => {
          const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (by === 0 || event.altKey || event.shiftKey || event.ctrlKey) return;
          event.preventDefault();
          event.stopPropagation();
          session.step(by);
        }}
        row={(index) => {
          const item = list[index];
          if (!item) return null;
          const icon = ICONS[item.state];
          const state = t(`state.${item.state}`);
          const waiting = unsent > 0 && session.outbox.has(item.position);
          return (
            <div
              key={item.position}
              id={`item-${item.position}`}
              role="option"
              aria-selected={item.position === position}
              aria-setsize={list.length}
              aria-posinset={index + 1}
              class="strip-row"
              data-state={item.state}
              data-position={item.position}
              title={state}
              onClick={() => void session.goTo(item.position)}
            >
              <span class="num">{item.position}</span>
              <span class="strip-state">
                {icon ? <Icon name={icon} /> : <span class="dot" />}
                <span class="strip-text truncate">{state}</span>
              </span>
              {item.feedback && (
                <span class="strip-flag" title={t("items.feedback")}>
                  <Icon name="flag" />
                  <span class="visually-hidden">{t("items.feedback")}</span>
                </span>
              )}
              {waiting && <span class="strip-unsent" title={t("items.unsent")} />}
            </div>
          );
        }}
      />
      {session.mode !== "read" && (
        <div class="strip-foot">
          <Button
            text="item.nextOpen"
            keys="u"
            kind="quiet"
            class="btn-s btn-block"
            disabled={open === 0}
            onPress={() => {
              const next = session.nextOpen();
              if (next) void session.goTo(next.position);
            }}
          />
        </div>
      )}
    </nav>
  );
}
