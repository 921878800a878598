/* Segments in the order of time, with what was said in each typed in place. */

import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../core/i18n";
import { setLabel } from "../core/region-actions";
import { describe, type RegionQuestion, reads } from "../core/regions";
import { topic } from "../core/registry";
import type { Obj, Question } from "../core/types";
import { typing, typingHere } from "../core/typing";
import { exactTime } from "../surfaces/timeline/ticks";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";
import { hiddenAll, hiddenIds } from "./compare";
import type { Lanes } from "./segment-feed";
import type { SegmentView } from "./segment-view";

const ROW = 72;
const MORE = 6;

interface Row {
  lane: Lanes;
  object: Obj;
  start: number;
  end: number;
  track: number;
}

/** The first nested question that is typed. */
function typedOf(question: Question): Question | undefined {
  return question.children?.find((child) => topic(child.type)?.value?.typed);
}

export function SegmentList({ view }: { view: SegmentView }) {
  const lanes = view.lanes.filter(({ question }) => reads(question.question));
  return lanes.length > 0 ? <Rows view={view} lanes={lanes} /> : null;
}

function Rows({ view, lanes }: { view: SegmentView; lanes: readonly Lanes[] }) {
  const session = useSession();
  const scroller = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 400 });
  const rows = useComputed(() => {
    const document = session.sheet.value?.document;
    if (!document) return [];
    void document.changed.value;
    return lanes
      .flatMap((lane): Row[] => {
        const { questionId } = lane.question.question;
        const { ids, byId } = document.objects(questionId);
        return ids.flatMap((id) => {
          const object = byId.get(id) as Obj;
          const range = lane.question.spec.line?.range(object);
          return range ? [{ lane, object, ...range, track: range.track ?? 0 }] : [];
        });
      })
      .sort((a, b) => a.start - b.start || a.end - b.end);
  }).value;
  const selected = session.selected.value;
  const at = rows.findIndex(({ object }) => object.id === selected);

  useLayoutEffect(() => {
    typingHere.value++;
    return () => {
      typingHere.value--;
    };
  }, []);
  useLayoutEffect(() => {
    const host = scroller.current;
    if (!host || at < 0) return;
    const top = at * ROW;
    if (top < host.scrollTop) host.scrollTop = top;
    else if (top + ROW > host.scrollTop + host.clientHeight)
      host.scrollTop = top + ROW - host.clientHeight;
  }, [at]);

  const first = Math.max(0, Math.floor(seen.top / ROW) - MORE);
  const last = Math.min(rows.length, Math.ceil((seen.top + seen.height) / ROW) + MORE);
  const shown = rows.slice(first, last).map((row, n) => ({ row, n: first + n }));
  // The one that is typed in stays, wherever it is scrolled to.
  const chosen = rows[at];
  if (chosen && (at < first || at >= last)) shown.push({ row: chosen, n: at });
  return (
    <section
      ref={scroller}
      class="segment-list"
      aria-label={t("segment.list")}
      tabIndex={0}
      onScroll={(event) => {
        const { scrollTop: top, clientHeight: height } = event.currentTarget;
        setSeen({ top, height });
      }}
    >
      {rows.length === 0 && <p class="panel-empty">{t("segment.none")}</p>}
      <ol style={{ blockSize: `${rows.length * ROW}px` }}>
        {shown.map(({ row, n }) => (
          <SegmentRow
            key={row.object.id}
            view={view}
            row={row}
            at={n}
            top={n * ROW}
            next={rows[n + 1]?.object.id ?? null}
            former={rows[n - 1]?.object.id ?? null}
          />
        ))}
      </ol>
    </section>
  );
}

interface RowProps {
  view: SegmentView;
  row: Row;
  at: number;
  top: number;
  next: string | null;
  former: string | null;
}

function SegmentRow({ view, row, at, top, next, former }: RowProps) {
  const session = useSession();
  const { lane, object, start, end, track } = row;
  const { question }: { question: RegionQuestion } = lane;
  const { id } = object;
  const said = describe(question.question, object);
  const chosen = session.selection.value.has(id);
  const hidden = hiddenAll.value || hiddenIds.value.has(id);
  const child = typedOf(question.question);
  const name = lane.names[track] ?? "";
  const range = { start, end };
  const choose = () => {
    if (session.selected.peek() !== id) session.selected.value = id;
  };
  const go = (other: string | null) => {
    if (other === null) return;
    session.selected.value = other;
    typing.value = true;
  };
  return (
    <li
      class="segment-row"
      style={{ insetBlockStart: `${top}px` }}
      aria-current={chosen || undefined}
      data-segment={id}
      data-hidden={hidden || undefined}
      onClick={choose}
    >
      <button
        type="button"
        class="btn btn-icon btn-quiet"
        aria-label={t("segment.playOne", { n: at + 1 })}
        title={t("segment.playOne", { n: at + 1 })}
        onClick={() => view.player.playRange(range)}
      >
        <Icon name="play" />
      </button>
      <div class="segment-said">
        <span class="num segment-times">
          {start === end ? exactTime(start) : `${exactTime(start)} – ${exactTime(end)}`}
        </span>
        <span class="segment-label">
          <span class="swatch" style={{ "--color": said.color }} />
          <span class="truncate">{said.text || t("region.unlabeled")}</span>
          {name && <span class="muted truncate">{name}</span>}
        </span>
      </div>
      {child && (
        <SegmentText
          child={child}
          object={object}
          at={at}
          wanted={session.selected.value === id}
          onFocus={choose}
          onStep={(by) => go(by > 0 ? next : former)}
          onLeave={() => view.surface.focus()}
        />
      )}
    </li>
  );
}

interface TextProps {
  child: Question;
  object: Obj;
  at: number;
  wanted: boolean;
  onFocus: () => void;
  onStep: (by: 1 | -1) => void;
  onLeave: () => void;
}

function SegmentText({ child, object, at, wanted, onFocus, onStep, onLeave }: TextProps) {
  const session = useSession();
  const field = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useState<string | null>(null);
  const value = object.labels[child.questionId];
  const text = typeof value === "string" ? value : "";
  const frozen = session.frozen.value !== null;
  const asked = typing.value;

  useLayoutEffect(() => {
    if (!wanted || !asked || !typing.peek() || !field.current) return;
    typing.value = false;
    field.current.focus();
    field.current.select();
  });

  const say = (next: string) => {
    // A text is its own segment's, also where others are chosen beside it.
    session.selected.value = object.id;
    setLabel(session, child, () => (next === "" ? null : next), `type/${child.questionId}`);
  };
  return (
    <textarea
      ref={field}
      class="typed"
      rows={2}
      maxLength={20_000}
      aria-label={t("segment.textOf", { title: child.markTitle, n: at + 1 })}
      data-question={child.questionId}
      spellcheck={false}
      autocomplete="off"
      dir="auto"
      readOnly={frozen}
      value={draft ?? text}
      onFocus={onFocus}
      onInput={(event) => {
        // While an input method composes, what is seen is not yet what is meant.
        const next = event.currentTarget.value;
        if (event.isComposing) setDraft(next);
        else say(next);
      }}
      onCompositionEnd={(event) => {
        setDraft(null);
        if (!frozen) say(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.isComposing || event.keyCode === 229 || event.altKey || event.ctrlKey) return;
        if (event.key === "Enter" && !event.shiftKey) onStep(1);
        else if (event.key === "Escape") {
          field.current?.blur();
          onLeave();
        } else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
