/* What is said of regions, where it is seen: the labels and texts of the chosen ones, or of the one drawn next. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { childKeys } from "../core/answer-keys";
import { askedRegions } from "../core/asked";
import { chosenRegions } from "../core/chosen";
import { askedBeside } from "../core/conditions";
import { say } from "../core/flow";
import { takeKeys, viewInUse } from "../core/focus-view";
import { t } from "../core/i18n";
import { placedQuestions } from "../core/layout";
import { recogniseChosen, recognising, whyNotRecognise } from "../core/recognise";
import { drawingQuestion, type Region, selectedRegion, setLabel } from "../core/region-actions";
import {
  childrenOf,
  defaultsFor,
  drawing,
  labelsFor,
  marked,
  type RegionQuestion,
  reads,
  stickyLabels,
} from "../core/regions";
import { topic } from "../core/registry";
import type { Question } from "../core/types";
import { stepText, typing, typingHere } from "../core/typing";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Crop } from "./crop";
import { QuestionTitle } from "./question-title";

/** `only`: of this question, where it stands on the stage; without it, of those that do not. */
export function RegionLabels({ only }: { only?: Question }) {
  const session = useSession();
  const placed = placedQuestions(session.template);
  const all = askedRegions(session).filter(({ question }) =>
    only ? question === only : !placed.has(question.questionId),
  );
  void [viewInUse.value, session.selected.value, session.selection.value, drawing.value];
  const document = session.sheet.value?.document;
  if (all.length === 0 || !document) return null;
  void document.changed.value;
  const region = selectedRegion(session);
  const question = (region?.question ?? drawingQuestion(session))?.question;
  if (!question || !all.some((one) => one.question === question)) return null;
  const frozen = session.frozen.value !== null;
  if (frozen && !region) return null;
  const children = childrenOf(question, region?.object ?? null);
  const chosen = region
    ? chosenRegions(session).filter(
        (one) =>
          one.question.question === question && childrenOf(question, one.object) === children,
      )
    : [];
  const hotkeys = childKeys(session, children);
  const labels = region
    ? common(chosen, children)
    : marked.value
      ? defaultsFor(question.questionId)
      : (stickyLabels.value[question.questionId] ?? labelsFor(question.questionId));
  return (
    <section class="panel" data-topic={question.questionId}>
      {all.length > 1 && !region && <Tabs all={all} question={question} />}
      <p class="panel-hint">
        {chosen.length > 1
          ? t("region.labelsOfSome", { n: chosen.length })
          : region
            ? t(
                region.question.spec.link?.ends(region.object)
                  ? "relation.labels"
                  : "region.labelsOfChosen",
              )
            : t(marked.value ? "region.labelsOfMarked" : "region.labelsOfNext")}
      </p>
      {reads(question) && topic(question.type)?.regions?.plane && (
        <>
          <RegionCrop region={chosen.length === 1 ? region : null} />
          {!frozen && <RecogniseButton none={!region} />}
        </>
      )}
      {askedBeside(children, labels, document).map((child) => {
        const spec = topic(child.type)?.value;
        if (!spec) return null;
        // A text is said of one region; the next one does not begin with it. Its field stays, so that nothing below
        // moves away under a hand that chooses.
        const idle = spec.typed === true && chosen.length !== 1;
        const field = (
          <div key={child.questionId} class="stack-s">
            <QuestionTitle question={child} />
            <spec.Field
              question={child}
              value={idle ? null : (labels[child.questionId] ?? null)}
              frozen={frozen || idle}
              name={region ? region.object.id : "next"}
              hotkeys={hotkeys.get(child.questionId) ?? []}
              onChange={(next, group) => setLabel(session, child, () => next, group)}
            />
          </div>
        );
        return spec.typed ? <Typing key={child.questionId}>{field}</Typing> : field;
      })}
    </section>
  );
}

function Tabs({ all, question }: { all: readonly RegionQuestion[]; question: Question }) {
  return (
    <div class="tabs" role="group" aria-label={t("region.question")}>
      {all.map((one) => (
        <button
          key={one.question.questionId}
          type="button"
          aria-pressed={one.question === question}
          onClick={() => {
            drawing.value = one.question.questionId;
            if (one.question.view !== undefined) takeKeys(one.question.view);
          }}
        >
          {one.question.markTitle}
        </button>
      ))}
    </div>
  );
}

/** Labels that all of the regions have alike. */
function common(regions: readonly Region[], children: readonly Question[]) {
  const labels: Record<string, unknown> = {};
  for (const { questionId } of children) {
    const values = regions.map(({ object }) => object.labels[questionId] ?? null);
    const texts = new Set(values.map((value) => JSON.stringify(value)));
    if (texts.size === 1) labels[questionId] = values[0];
  }
  return labels;
}

/** The keys of a text field among many: on to the next region's text, back, and out of it. */
function Typing({ children }: { children: ComponentChildren }) {
  const session = useSession();
  const host = useRef<HTMLDivElement>(null);
  const wanted = typing.value;

  useLayoutEffect(() => {
    const field = host.current?.querySelector("textarea");
    if (!wanted || !field || !typing.peek() || typingHere.peek() > 0) return;
    typing.value = false;
    field.focus();
    field.select();
  });

  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey) return;
    const field = event.target as HTMLElement;
    const fields = [...(host.current?.parentElement?.querySelectorAll("textarea") ?? [])];
    const at = fields.indexOf(field as HTMLTextAreaElement);
    const last = at === fields.length - 1;
    let taken = event.key === "Escape";
    if (event.key === "Escape") {
      field.blur();
      document.querySelector<HTMLElement>("[data-surface]")?.focus();
    } else if (event.key === "Enter" && !event.shiftKey) {
      taken = true;
      if (!last) fields[at + 1]?.focus();
      else if (!stepText(session, 1)) say(session, t("region.lastText"));
    } else if (event.key === "Tab") {
      // At either end of the regions the key leads out of the field, as everywhere.
      if (event.shiftKey) taken = at === 0 && stepText(session, -1);
      else taken = last && stepText(session, 1);
    }
    if (!taken) return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={host} class="typing" onKeyDown={onKey}>
      {children}
    </div>
  );
}

function RegionCrop({ region }: { region: Region | null }) {
  return (
    <div class="crop">{region ? <RegionPart region={region} /> : <p>{t("crop.none")}</p>}</div>
  );
}

function RegionPart({ region }: { region: Region }) {
  const session = useSession();
  const { question, object } = region;
  const media = session.payload.value?.media[question.question.field ?? ""];
  const { plane, picture } = question.spec;
  if (!plane) return null;
  const given = picture ? { given: picture(media, object, question.question) } : {};
  return <Crop geometry={plane.geometry(object)} media={media} {...given} />;
}

function RecogniseButton({ none }: { none: boolean }) {
  const session = useSession();
  const why = whyNotRecognise(session);
  const busy = recognising.value > 0;
  return (
    <Button
      text={busy ? "recognise.busy" : "recognise.action"}
      icon="text"
      keys="shift+t"
      class="btn-s"
      {...(why ? { why } : {})}
      disabled={busy || none}
      onPress={() => void recogniseChosen(session)}
    />
  );
}
