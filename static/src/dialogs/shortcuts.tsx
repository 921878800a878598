/* Every key that can be changed, by the scope in which it acts; what clashes is said before it is kept. */

import { useState } from "preact/hooks";
import { closeDialog } from "../core/dialogs";
import { type Key, t } from "../core/i18n";
import { nameOf, printed } from "../core/keys";
import {
  type Clash,
  clashes,
  isFree,
  isHalf,
  MOST_KEYS,
  notKept,
  ownClashes,
  restoreAll,
  type Shortcut,
  sendKeys,
  setKeys,
  shortcuts,
} from "../core/shortcuts";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { Kbd } from "../ui/kbd";

/** A key that was pressed for a binding and that others have already. */
interface Asked {
  id: Key;
  key: string;
  others: Clash[];
}

export function ShortcutsDialog() {
  const [search, setSearch] = useState("");
  const [taking, setTaking] = useState<Key | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [refused, setRefused] = useState("");
  const wanted = search.trim().toLowerCase();
  const all = shortcuts();
  const shown = all.filter(
    (one) => t(one.id).toLowerCase().includes(wanted) || one.keys.some((key) => key === wanted),
  );
  const scopes = [...new Set(shown.map((one) => one.scope))];
  const doubled = ownClashes();
  const add = (one: Shortcut, key: string, others: Clash[]) => {
    setTaking(null);
    setAsked(null);
    setKeys(one.id, [...one.keys, key], others);
  };
  const press = (one: Shortcut, key: string) => {
    if (one.keys.includes(key)) return setTaking(null);
    if (!isFree(key)) return setRefused(t("shortcuts.reserved"));
    setRefused("");
    const others = clashes(one.id, [key]);
    if (others.length === 0) return add(one, key, []);
    setTaking(null);
    setAsked({ id: one.id, key, others });
  };
  const start = (id: Key | null) => {
    setRefused("");
    setAsked(null);
    setTaking(id);
  };
  return (
    <Dialog title="shortcuts.title" onClose={closeDialog} wide>
      <p class="small muted">{t("shortcuts.about")}</p>
      {notKept.value && (
        <p class="notice bad" role="alert">
          {t("settings.notKept")}
          <button type="button" class="btn btn-s" onClick={sendKeys}>
            {t("save.retry")}
          </button>
        </p>
      )}
      {doubled.length > 0 && (
        <div class="notice warn" role="status" data-clashes>
          <Icon name="warn" />
          <ul role="list">
            {doubled.map(({ shortcut, clashes: others }) => (
              <li key={shortcut.id}>{clashText("shortcuts.doubled", t(shortcut.id), others)}</li>
            ))}
          </ul>
        </div>
      )}
      <div class="field">
        <label for="shortcut-search">{t("shortcuts.search")}</label>
        <input
          id="shortcut-search"
          type="search"
          autocomplete="off"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      <div class="shortcut-list">
        {scopes.map((scope) => (
          <section key={scope} aria-label={t(scope)}>
            <h3>{t(scope)}</h3>
            <ul role="list">
              {shown
                .filter((one) => one.scope === scope)
                .map((one) => (
                  <Row
                    key={one.id}
                    shortcut={one}
                    taking={taking === one.id}
                    refused={taking === one.id ? refused : ""}
                    asked={asked?.id === one.id ? asked : null}
                    onTake={() => start(one.id)}
                    onCancel={() => start(null)}
                    onPress={(key) => press(one, key)}
                    onUse={(given) => add(one, given.key, given.others)}
                  />
                ))}
            </ul>
          </section>
        ))}
        {shown.length === 0 && <p class="muted">{t("shortcuts.none")}</p>}
      </div>
      <footer>
        <button
          type="button"
          class="btn"
          disabled={!all.some((one) => one.own)}
          onClick={() => {
            start(null);
            restoreAll();
          }}
        >
          {t("shortcuts.restoreAll")}
        </button>
        <button type="button" class="btn btn-primary" onClick={closeDialog}>
          {t("dialog.close")}
        </button>
      </footer>
    </Dialog>
  );
}

function clashText(
  text: "shortcuts.clash" | "shortcuts.doubled",
  name: string,
  others: readonly Clash[],
): string {
  const parts = others.map(({ text, scope }) =>
    t("shortcuts.other", { name: text, scope: t(scope) }),
  );
  return t(text, { name, others: parts.join(", ") });
}

interface RowProps {
  shortcut: Shortcut;
  taking: boolean;
  refused: string;
  asked: Asked | null;
  onTake: () => void;
  onCancel: () => void;
  onPress: (key: string) => void;
  onUse: (asked: Asked) => void;
}

function Row(props: RowProps) {
  const { shortcut, taking, refused, asked, onTake, onCancel, onPress, onUse } = props;
  const { id, keys, own } = shortcut;
  const name = t(id);
  return (
    <li class="shortcut-row" data-binding={id} data-own={own || undefined}>
      <span class="shortcut-name">{name}</span>
      <span class="row shortcut-keys">
        {keys.map((key) => (
          <span key={key} class="shortcut-key">
            <Kbd name={key} />
            <button
              type="button"
              class="btn btn-quiet btn-icon"
              aria-label={t("shortcuts.remove", { key: printed(key).join("+"), name })}
              title={t("shortcuts.remove", { key: printed(key).join("+"), name })}
              onClick={() => {
                onCancel();
                setKeys(
                  id,
                  keys.filter((one) => one !== key),
                );
              }}
            >
              <Icon name="cross" />
            </button>
          </span>
        ))}
        {keys.length === 0 && <span class="small muted">{t("shortcuts.noKey")}</span>}
        {taking ? (
          <button
            type="button"
            class="btn btn-s"
            aria-pressed
            ref={(element) => element?.focus()}
            onBlur={onCancel}
            onKeyDown={(event) => {
              if (event.key === "Tab") return;
              event.preventDefault();
              event.stopPropagation();
              const key = nameOf(event);
              if (key === "Escape") onCancel();
              else if (!isHalf(key)) onPress(key);
            }}
          >
            {t("shortcuts.press")}
          </button>
        ) : (
          <button
            type="button"
            class="btn btn-s"
            disabled={keys.length >= MOST_KEYS}
            aria-label={t("shortcuts.addTo", { name })}
            onClick={onTake}
          >
            {t("shortcuts.add")}
          </button>
        )}
        {own && (
          <button
            type="button"
            class="btn btn-s btn-quiet"
            aria-label={t("shortcuts.restoreOf", { name })}
            onClick={() => {
              onCancel();
              setKeys(id, null);
            }}
          >
            {t("shortcuts.restore")}
          </button>
        )}
      </span>
      {refused && (
        <p class="error" role="alert">
          {refused}
        </p>
      )}
      {asked && (
        <div class="notice warn" role="alert" data-clash>
          <Icon name="warn" />
          <p>
            {clashText("shortcuts.clash", printed(asked.key).join("+"), asked.others)}
            {asked.others.some((one) => one.id === null) && ` ${t("shortcuts.labelStays")}`}
          </p>
          <button
            type="button"
            class="btn btn-s btn-primary"
            ref={(element) => element?.focus()}
            onClick={() => onUse(asked)}
          >
            {t("shortcuts.use")}
          </button>
          <button type="button" class="btn btn-s" onClick={onCancel}>
            {t("dialog.cancel")}
          </button>
        </div>
      )}
    </li>
  );
}
