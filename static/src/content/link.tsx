/* The Link view: addresses that people open for themselves. Nothing is fetched from them here. */

import { t } from "../core/i18n";
import type { Binding } from "../core/keys";
import { addressesOf } from "../core/links";
import { register } from "../core/registry";
import type { View } from "../core/types";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";
import { Shown } from "../ui/kbd";
import { useReading } from "./reading";

const OPEN = "o";

function LinkSurface({ view }: { view: View }) {
  const session = useSession();
  const payload = session.payload.value;
  const addresses = addressesOf(payload?.data[view.field]);
  const open: Binding = {
    keys: [OPEN],
    text: "link.open",
    when: () => addresses.some(({ href }) => href !== null),
    run: () => scroller.current?.querySelector<HTMLAnchorElement>("a[href]")?.click(),
  };
  const scroller = useReading(view, "keys.scope.link", [open]);
  const first = addresses.findIndex(({ href }) => href !== null);
  return (
    <div class="text-view">
      <section
        ref={scroller}
        class="text-scroll link-view"
        tabIndex={0}
        aria-label={t("link.label", { position: session.position.value })}
        data-surface="link"
      >
        <ul class="link-list">
          {addresses.map(({ text, href }, at) => (
            <li key={at}>
              {href === null ? (
                <>
                  <span class="link-text">{text}</span>
                  <span class="small muted">{t("link.none")}</span>
                </>
              ) : (
                <a href={href} target="_blank" rel="noopener noreferrer nofollow">
                  <Icon name="link" />
                  <span class="link-text">{text}</span>
                  {at === first && <Shown text="link.open" usual={OPEN} />}
                </a>
              )}
            </li>
          ))}
        </ul>
        {payload && addresses.length === 0 && <p class="muted">{t("text.empty")}</p>}
      </section>
    </div>
  );
}

register({ kind: "content", type: "Link", Surface: LinkSurface });
