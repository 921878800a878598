/* Buttons for relations, and what is said while one is made by keys. */

import { t } from "../core/i18n";
import { findRegion } from "../core/region-actions";
import { begin, beginning, chosenRelation, relating, reverse } from "../core/relations";
import type { Session } from "../core/session";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Kbd } from "../ui/kbd";

export function RelateButtons({ session }: { session: Session }) {
  void [session.selection.value, session.frozen.value, session.sheet.value];
  return (
    <>
      <Button
        text="relation.begin"
        icon="relate"
        quiet
        badge
        keys="e"
        pressed={relating.value !== null}
        disabled={beginning(session) === null}
        onPress={() => {
          if (relating.peek()) relating.value = null;
          else begin(session);
        }}
      />
      <Button
        text="relation.reverse"
        icon="reverse"
        quiet
        badge
        keys="v"
        disabled={session.frozen.value !== null || chosenRelation(session) === null}
        onPress={() => reverse(session)}
      />
    </>
  );
}

/** From where the relation goes, to where it would go, and which keys there are. */
export function RelateBar() {
  const session = useSession();
  const now = relating.value;
  if (!now) return null;
  const words = (id: string) => {
    const region = findRegion(session, id);
    return region ? (region.question.spec.line?.words(region.object) ?? "") : "";
  };
  return (
    <div class="relate-bar">
      <p role="status">
        {now.to === null
          ? t("relation.from", { from: words(now.from) })
          : t("relation.fromTo", { from: words(now.from), to: words(now.to) })}
      </p>
      <p class="muted small">
        <Kbd name="j" /> <Kbd name="k" /> {t("relation.keysTarget")} · <Kbd name="Enter" />{" "}
        {t("relation.make")} · <Kbd name="Escape" /> {t("relation.cancel")}
      </p>
    </div>
  );
}
