/* One's own day, for one's own eyes: items, time, and how many an hour. */

import { useEffect, useState } from "preact/hooks";
import { request } from "../core/api";
import { closeDialog } from "../core/dialogs";
import { number, t } from "../core/i18n";
import { useSession } from "../ui/context";
import { Dialog } from "../ui/dialog";

interface Part {
  items: number;
  seconds: number;
}

interface Pace extends Part {
  day: string;
  stages: (Part & { stage: string })[];
}

const EVERY_MS = 15_000;

export function PaceDialog() {
  const session = useSession();
  const [pace, setPace] = useState<Pace | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const url = `/api/v1/me/pace?workspace=${session.boot.workspace}`;
    const look = async () => {
      // What waits here belongs to the day as well.
      await session.outbox.flush();
      const outcome = await request<Pace>(url);
      setFailed(outcome.kind !== "ok");
      if (outcome.kind === "ok") setPace(outcome.body);
    };
    void look();
    const timer = setInterval(() => void look(), EVERY_MS);
    return () => clearInterval(timer);
  }, [session]);
  const lines = pace && pace.stages.length > 1 ? pace.stages : [];
  return (
    <Dialog title="pace.title" onClose={closeDialog}>
      {failed && (
        <p class="notice warn" role="status">
          {t("save.unreachable")}
        </p>
      )}
      {!pace && !failed && <p class="muted">{t("item.loading")}</p>}
      {pace && (
        <table class="table" data-pace={pace.items}>
          <thead>
            <tr>
              <td />
              <th scope="col">{t("pace.items")}</th>
              <th scope="col">{t("pace.time")}</th>
              <th scope="col">{t("pace.perHour")}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((one) => (
              <Line key={one.stage} name={t(`stage.${one.stage}` as "stage.check")} part={one} />
            ))}
            <Line name={t("pace.today")} part={pace} />
          </tbody>
        </table>
      )}
      <p class="small muted">{t("pace.about")}</p>
    </Dialog>
  );
}

function Line({ name, part }: { name: string; part: Part }) {
  const { items, seconds } = part;
  const minutes = Math.round(seconds / 60);
  const time = t("pace.hours", {
    hours: Math.floor(minutes / 60),
    minutes: String(minutes % 60).padStart(2, "0"),
  });
  // Of less than a minute nothing can be said.
  const rate = seconds < 60 ? "–" : number(Math.round((items * 3600) / seconds));
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="num">{number(items)}</td>
      <td class="num">{time}</td>
      <td class="num">{rate}</td>
    </tr>
  );
}
