import { useState } from "preact/hooks";
import { postForm, request } from "../core/api";
import { ask, closeDialog } from "../core/dialogs";
import { type Key, t } from "../core/i18n";
import { type Settings, settings } from "../core/settings";
import { useSession } from "../ui/context";
import { Dialog } from "../ui/dialog";

type Flag = "autoNext" | "wheelPans" | "cross" | "texts" | "strip" | "singleKeys";

const FLAGS: readonly { name: Flag; text: Key }[] = [
  { name: "autoNext", text: "settings.autoNext" },
  { name: "strip", text: "settings.strip" },
  { name: "texts", text: "tool.texts" },
  { name: "cross", text: "tool.cross" },
  { name: "wheelPans", text: "settings.wheelPans" },
  { name: "singleKeys", text: "settings.singleKeys" },
];

const THEMES = ["", "light", "dark"] as const;

export function SettingsDialog() {
  const { boot, outbox } = useSession();
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? "");
  return (
    <Dialog title="settings.title" onClose={closeDialog}>
      <div class="two">
        <div class="field">
          <label for="theme">{t("settings.theme")}</label>
          <select
            id="theme"
            value={theme}
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              setTheme(chosen);
              if (chosen) document.documentElement.dataset.theme = chosen;
              else delete document.documentElement.dataset.theme;
              void postForm(boot.preferences.theme, { theme: chosen, next: location.pathname });
            }}
          >
            {THEMES.map((name) => (
              <option key={name} value={name}>
                {t(`theme.${name || "system"}`)}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="language">{t("settings.language")}</label>
          <select
            id="language"
            value={boot.language}
            onChange={async (event) => {
              const language = event.currentTarget.value;
              await outbox.flush();
              await postForm(boot.preferences.language, { language, next: location.pathname });
              location.reload();
            }}
          >
            {boot.preferences.languages.map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        </div>
      </div>
      <div class="stack-s">
        {FLAGS.map(({ name, text }) => (
          <Check key={name} setting={settings[name]} text={text} />
        ))}
        <ClaimNext />
        <label class="field">
          <span>{t("settings.fill")}</span>
          <input
            type="range"
            min={0}
            max={0.6}
            step={0.02}
            value={settings.fill.value}
            onInput={(event) => {
              settings.fill.value = event.currentTarget.valueAsNumber;
            }}
          />
        </label>
      </div>
      <p class="small muted">{t("settings.kept")}</p>
      <footer>
        <button type="button" class="btn" onClick={() => ask("shortcuts")}>
          {t("shortcuts.open")}
        </button>
      </footer>
    </Dialog>
  );
}

/** Kept on the server: it is the same on every device. */
function ClaimNext() {
  const session = useSession();
  const [error, setError] = useState("");
  return (
    <>
      <label class="check-line">
        <input
          type="checkbox"
          checked={session.claimNext.value}
          onChange={async (event) => {
            const wanted = event.currentTarget.checked;
            session.claimNext.value = wanted;
            const outcome = await request("/api/v1/me", {
              method: "PATCH",
              body: { claim_next: wanted },
            });
            setError(outcome.kind === "ok" ? "" : t("settings.notKept"));
          }}
        />
        {t("settings.claimNext")}
      </label>
      {error && (
        <p class="small error" role="alert">
          {error}
        </p>
      )}
    </>
  );
}

function Check({ setting, text }: { setting: Settings[Flag]; text: Key }) {
  return (
    <label class="check-line">
      <input
        type="checkbox"
        checked={setting.value}
        onChange={(event) => {
          setting.value = event.currentTarget.checked;
        }}
      />
      {t(text)}
    </label>
  );
}
