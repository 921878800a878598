/* All items of the package by number and state; only those in view exist. */

import { FILTERS, type Filter, matches } from "../core/filters";
import { jump } from "../core/flow";
import { t } from "../core/i18n";
import { GRID_KEY, gridOf, offersGrid } from "../core/item-grid";
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
  const grid = gridOf(session);
  const filter = session.filter.value;
  const flags = session.desk.flags.value;
  const all = session.list.value;
  const list = filter === "all" ? all : all.filter((item) => matches(item, filter, flags));
  const position = session.position.value;
  const active = list.findIndex((item) => item.position === position);
  const unsent = session.outbox.unsent.value;
  if (!settings.strip.value) return null;
  const open = all.some((item) => !isDone(item.state));
  return (
    <nav class="wb-strip" aria-label={t("items.title")}>
      <div class="strip-head">
        <h2>{t("items.title")}</h2>
        <span class="muted num">
          {filter === "all" ? all.length : t("filter.count", { n: list.length, of: all.length })}
        </span>
      </div>
      <div class="strip-filter">
        <label class="visually-hidden" for="strip-filter">
          {t("filter.label")}
        </label>
        <select
          id="strip-filter"
          value={filter}
          onChange={(event) => {
            session.filter.value = event.currentTarget.value as Filter;
          }}
        >
          {FILTERS.filter(({ name }) => name !== "disputed" || session.disputes).map(
            ({ name, text }) => (
              <option key={name} value={name}>
                {t(text)}
              </option>
            ),
          )}
        </select>
      </div>
      {list.length === 0 && <p class="strip-none small muted">{t("filter.nothing")}</p>}
      <VirtualList
        count={list.length}
        rowHeight={ROW}
        active={active}
        role="listbox"
        label={t("items.title")}
        class="strip-list"
        activeId={active < 0 ? undefined : `item-${position}`}
        onFocusKey={(event) => {
          const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (by === 0 || event.altKey || event.shiftKey || event.ctrlKey) return;
          event.preventDefault();
          event.stopPropagation();
          const target = list[active < 0 ? 0 : active + by];
          if (target) void session.goTo(target.position);
        }}
        row={(index) => {
          const item = list[index];
          if (!item) return null;
          const icon = ICONS[item.state];
          const state = t(`state.${item.state}`);
          const flag = flags.get(item.position);
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
              {item.disputed && (
                <span class="strip-flag strip-disputed" title={t("votes.disputed")}>
                  <Icon name="votes" />
                  <span class="visually-hidden">{t("votes.disputed")}</span>
                </span>
              )}
              {flag && (
                <span
                  class="strip-flag strip-asked"
                  data-flag={flag.state}
                  title={t(`flag.state.${flag.state}`)}
                >
                  <Icon name="ask" />
                  <span class="visually-hidden">{t(`flag.state.${flag.state}`)}</span>
                </span>
              )}
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
      {(session.mode !== "read" || offersGrid(session)) && (
        <div class="strip-foot">
          {offersGrid(session) && (
            <Button
              text="grid.action"
              icon="grid"
              keys={GRID_KEY}
              kind="quiet"
              class="btn-s btn-block"
              pressed={grid.on.value}
              onPress={() => grid.toggle()}
            />
          )}
          {session.mode !== "read" && (
            <Button
              text="item.nextOpen"
              keys="u"
              kind="quiet"
              class="btn-s btn-block"
              disabled={!open}
              onPress={() => (grid.on.peek() ? grid.nextOpen() : jump(session, "open"))}
            />
          )}
        </div>
      )}
    </nav>
  );
}
