/* How the result is looked at and taken along, and how soft its edges are: where masks are drawn. */

import { useId } from "preact/hooks";
import { backdrops } from "../content/mask-keys";
import type { Document } from "../core/document";
import { type Key, t } from "../core/i18n";
import { cutting, downloadCutOut, featherOf, setFeather, takesMasks } from "../core/masks";
import { regionQuestions } from "../core/regions";
import { settings } from "../core/settings";
import { MOST_FEATHER } from "../surfaces/mask/alpha";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Shown } from "../ui/kbd";

const NAMES: readonly Key[] = [
  "backdrop.none",
  "backdrop.chequered",
  "backdrop.black",
  "backdrop.white",
  "backdrop.color",
];

function hasMask(document: Document, questionId: string): boolean {
  for (const { shape } of document.objects(questionId).byId.values())
    if (shape === "mask") return true;
  return false;
}

/** Shown where masks come first among what is drawn, and elsewhere once there is one. */
export function CutOut() {
  const session = useSession();
  const document = session.sheet.value?.document;
  if (!document) return null;
  void [document.changed.value, session.selection.value];
  const wanted = regionQuestions(session.template.questions).some(
    (one) =>
      takesMasks([one]) &&
      (one.question.shapes?.[0] === "mask" || hasMask(document, one.question.questionId)),
  );
  if (!wanted) return null;
  const feather = featherOf(session);
  return (
    <section class="panel cutout" aria-labelledby="cutout-title">
      <h2 class="panel-title" id="cutout-title">
        {t("cutout.title")}
      </h2>
      <Backdrop />
      {feather !== null && <Softness value={feather} />}
      <Button
        text="cutout.download"
        keys="alt+s"
        disabled={cutting.value}
        onPress={() => void downloadCutOut(session)}
      />
    </section>
  );
}

function Backdrop() {
  const all = backdrops();
  const own = all.length - 1;
  const at = all.indexOf(settings.backdrop.value);
  return (
    <div class="cutout-row" role="group" aria-label={t("backdrop.title")}>
      {NAMES.map((name, place) => (
        <button
          key={name}
          type="button"
          class="backdrop"
          data-backdrop={place}
          aria-label={t(name)}
          title={t(name)}
          aria-pressed={at === place}
          style={place === own ? { background: settings.backdropColor.value } : {}}
          onClick={() => {
            settings.backdrop.value = all[place] ?? "";
          }}
        />
      ))}
      <input
        type="color"
        class="backdrop-color"
        aria-label={t("backdrop.choose")}
        title={t("backdrop.choose")}
        value={settings.backdropColor.value}
        onInput={(event) => {
          settings.backdropColor.value = event.currentTarget.value;
          settings.backdrop.value = event.currentTarget.value;
        }}
      />
      <Shown text="cutout.nextBackdrop" usual="alt+c" />
    </div>
  );
}

/** Over how many pixels the edges of the chosen masks fade. */
function Softness({ value }: { value: number }) {
  const session = useSession();
  const id = useId();
  const frozen = session.frozen.value !== null;
  return (
    <div class="cutout-row">
      <label for={id}>{t("feather.title")}</label>
      <input
        id={id}
        class="input"
        type="number"
        min={0}
        max={MOST_FEATHER}
        step={0.5}
        value={value}
        disabled={frozen}
        onChange={(event) => {
          setFeather(session, event.currentTarget.valueAsNumber);
          event.currentTarget.value = String(featherOf(session) ?? 0);
        }}
      />
      <span class="muted">{t("feather.unit")}</span>
      <Shown text="feather.less" usual="shift+alt+u" />
      <Shown text="feather.more" usual="alt+u" />
    </div>
  );
}
