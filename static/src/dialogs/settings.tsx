import { closeDialog } from "../core/dialogs";
import { type Key, t } from "../core/i18n";
import { settings, type Settings } from "../core/settings";
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

export function SettingsDialog() {
  return (
    <Dialog title="settings.title" onClose={closeDialog}>
      <div class="stack-s">
        {FLAGS.map(({ name, text }) => (
          <Check key={name} setting={settings[name]} text={text} />
        ))}
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
    </Dialog>
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
