import { ask, closeDialog } from "../core/dialogs";
import { t } from "../core/i18n";
import { keysOf, sheet, singleKeys } from "../core/keys";
import { settings } from "../core/settings";
import { Dialog } from "../ui/dialog";
import { Kbd } from "../ui/kbd";

/** Every key that works now, by scope. */
export function HelpDialog() {
  const scopes = sheet();
  const canvas = scopes.some((scope) => scope.title === "keys.scope.canvas");
  return (
    <Dialog title="help.title" onClose={closeDialog} wide>
      <div class="help-sheet">
        {scopes.map((scope) => (
          <section key={scope.title}>
            <h3>{t(scope.title)}</h3>
            <dl>
              {scope.bindings.map((binding) => (
                <div key={binding.keys.join()} class="help-row">
                  <dt>{binding.label ?? (binding.text ? t(binding.text) : "")}</dt>
                  <dd>
                    {keysOf(binding).map((name, index) => (
                      <span key={name}>
                        {index > 0 && <span class="muted"> {t("help.or")} </span>}
                        <Kbd name={name} />
                        <span class="visually-hidden">{name}</span>
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        {canvas && (
          <section>
            <h3>{t("help.mouse")}</h3>
            <ul class="help-mouse">
              <li>{t("help.mouse.draw")}</li>
              <li>{t("help.mouse.click")}</li>
              <li>{t("help.mouse.pick")}</li>
              <li>{t("help.mouse.pan")}</li>
              <li>
                {settings.wheelPans.value ? t("help.mouse.wheelPans") : t("help.mouse.wheelZooms")}
              </li>
            </ul>
          </section>
        )}
      </div>
      <label class="check-line">
        <input
          type="checkbox"
          checked={singleKeys.value}
          onChange={(event) => {
            settings.singleKeys.value = event.currentTarget.checked;
          }}
        />
        {t("settings.singleKeys")}
      </label>
      <footer>
        <button type="button" class="btn" onClick={() => ask("shortcuts")}>
          {t("shortcuts.open")}
        </button>
      </footer>
    </Dialog>
  );
}
