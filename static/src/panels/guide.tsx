import { t } from "../core/i18n";
import { settings } from "../core/settings";
import { useSession } from "../ui/context";

/** What the job's maker wrote for the people who label it. */
export function Guide() {
  const { boot } = useSession();
  if (!boot.guide.trim()) return null;
  return (
    <details
      class="panel disclosure guide"
      open={settings.guide.value}
      onToggle={(event) => {
        settings.guide.value = event.currentTarget.open;
      }}
    >
      <summary>{t("guide.title")}</summary>
      <p class="guide-text">{boot.guide}</p>
    </details>
  );
}
