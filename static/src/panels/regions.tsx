/* The list of regions: the equivalent of the canvas for people who do not see it or use no mouse. */

import { useMemo, useRef, useState } from "preact/hooks";
import { hiddenAll, hiddenIds, lockedIds, reveal } from "../content/compare";
import { hiddenNow } from "../core/asked";
import { dropChosen } from "../core/chosen";
import type { Document } from "../core/document";
import { type Key, t, tn } from "../core/i18n";
import { placedQuestions } from "../core/layout";
import { between, EVERYTHING, matcher, type Row, rowsOf, type Wish } from "../core/region-list";
import { type RegionQuestion, reads, regionQuestions } from "../core/regions";
import { relates } from "../core/relations";
import type { Question } from "../core/types";
import { editText } from "../core/typing";
import { useSession } from "../ui/context";
import { VirtualList } from "../ui/virtual-list";
import { kindName, RegionFilter } from "./region-filter";
import { GroupHeading, RegionRow } from "./region-row";
import { RegionTools } from "./region-tools";

const ROW = 34;
/** Fewer can be seen at once. */
const FEW = 4;

/** `only`: of this question, where it stands on the stage; without it, of those that do not. */
export function Regions({ only }: { only?: Question }) {
  const session = useSession();
  const { template } = session;
  const hidden = hiddenNow(session).value;
  // The lists keep what they show as long as these are the same.
  const questions = useMemo(() => {
    const placed = placedQuestions(template);
    return regionQuestions(template.questions).filter(
      ({ question }) =>
        !hidden.has(question.questionId) &&
        (only ? question === only : !placed.has(question.questionId)),
    );
  }, [template, hidden, only]);
  const document = session.sheet.value?.document;
  if (questions.length === 0 || !document) return null;
  return (
    <>
      {questions.map((question) => (
        <RegionList
          key={question.question.questionId}
          document={document}
          question={question}
          named={questions.length > 1}
        />
      ))}
    </>
  );
}

function useRows(document: Document, question: RegionQuestion, wish: Wish): Row[] {
  const { questionId } = question.question;
  const version = document.questionVersion(questionId).value;
  const hidden = hiddenIds.value;
  const all = hiddenAll.value;
  const locked = lockedIds.value;
  return useMemo(() => {
    const standing = {
      kindName,
      hidden: (id: string) => all || hidden.has(id),
      locked: (id: string) => locked.has(id),
    };
    const list = document.objects(questionId);
    return rowsOf(
      list,
      matcher(question, wish, standing, (id) => list.byId.get(id) ?? null),
    );
  }, [document, question, version, wish, hidden, all, locked]);
}

interface ListProps {
  document: Document;
  question: RegionQuestion;
  /** It says whose regions these are. */
  named: boolean;
}

function RegionList({ document, question, named }: ListProps) {
  const session = useSession();
  const [wish, setWish] = useState(EVERYTHING);
  const [drop, setDrop] = useState<string | null>(null);
  const anchor = useRef<string | null>(null);
  const host = useRef<HTMLElement>(null);
  const rows = useRows(document, question, wish);
  const { questionId } = question.question;
  const { ids } = document.objects(questionId);
  const selected = session.selected.value;
  const active = rows.findIndex((row) => row.kind === "region" && row.id === selected);
  const frozen = session.frozen.value !== null;
  const several = countOf(session.selection.value, document, questionId);
  const filtering = wish.words !== "" || wish.facet !== "";

  const show = (id: string) => reveal(id);
  const extend = (id: string) => {
    const from = anchor.current ?? session.selected.peek() ?? id;
    session.selected.many(between(rows, from, id), id);
    anchor.current = from;
  };
  const only = (id: string) => {
    anchor.current = id;
    session.selected.value = id;
  };
  const pick = (id: string) => (event: MouseEvent) => {
    // Rows may have moved under the mouse since the first of two clicks: that one is meant.
    if (event.detail === 2 && reads(question.question) && !frozen) {
      editText(session);
      return;
    }
    if (event.shiftKey) extend(id);
    else if (event.ctrlKey || event.metaKey) {
      session.selected.toggle([id]);
      anchor.current = id;
    } else only(id);
    show(id);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const shown = rows.flatMap((row) => (row.kind === "region" ? [row.id] : []));
    if (event.key === "Enter" && reads(question.question) && !frozen && selected !== null) {
      event.preventDefault();
      event.stopPropagation();
      editText(session);
      return;
    }
    const at = shown.indexOf(session.selected.peek() ?? "");
    const target = listTarget(event.key, at, shown.length);
    const id = target === null ? undefined : shown[target];
    if (target === null) return;
    event.preventDefault();
    // In the list the arrows walk through it; on the canvas they move the region.
    event.stopPropagation();
    if (id === undefined) return;
    if (event.shiftKey) extend(id);
    else only(id);
    show(id);
  };

  const drag = (id: string) =>
    frozen
      ? {}
      : {
          draggable: true,
          onDragStart: (event: DragEvent) => {
            if (!session.selection.peek().has(id)) only(id);
            event.dataTransfer?.setData("text/x-itag-region", id);
            if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
          },
          onDragOver: (event: DragEvent) => {
            if (!event.dataTransfer?.types.includes("text/x-itag-region")) return;
            event.preventDefault();
            setDrop(dropTarget(event, ids, id));
          },
          onDrop: (event: DragEvent) => {
            event.preventDefault();
            const before = dropTarget(event, ids, id);
            setDrop(null);
            dropChosen(session, before === END ? null : before);
          },
          onDragEnd: () => setDrop(null),
        };

  return (
    <section ref={host} class="panel panel-grow" data-regions={questionId}>
      {named && <p class="panel-hint region-whose">{question.question.markTitle}</p>}
      <div class="region-head">
        <h2 class="panel-title">
          {filtering
            ? t("region.shown", { n: shownCount(rows), all: ids.length })
            : several > 1
              ? t("region.chosen", { n: several, all: ids.length })
              : tn("region.count", ids.length)}
        </h2>
        {!frozen && <RegionTools />}
      </div>
      {(ids.length > FEW || filtering) && (
        <RegionFilter
          question={question.question}
          wish={wish}
          onWish={setWish}
          onLeave={() => host.current?.querySelector<HTMLElement>("[role=listbox]")?.focus()}
        />
      )}
      {rows.length === 0 ? (
        <p class="panel-empty">
          {filtering ? t("region.noneShown") : frozen ? t("region.noneRead") : t(noneYet(question))}
        </p>
      ) : (
        <VirtualList
          count={rows.length}
          rowHeight={ROW}
          active={active}
          role="listbox"
          multiple
          label={t("region.list", { title: question.question.markTitle })}
          class={`region-list${drop === END ? " region-drop-end" : ""}`}
          activeId={selected && active >= 0 ? `region-${selected}` : undefined}
          onFocusKey={onKey}
          row={(at) => {
            const row = rows[at];
            if (!row) return null;
            if (row.kind === "group") {
              return (
                <GroupHeading
                  key={row.group}
                  row={row}
                  onPick={() => session.selected.many(row.ids)}
                />
              );
            }
            return (
              <RegionRow
                key={row.id}
                row={row}
                count={ids.length}
                document={document}
                question={question}
                target={drop === row.id}
                onPick={pick(row.id)}
                drag={drag(row.id)}
              />
            );
          }}
        />
      )}
    </section>
  );
}

const END = "\u0000end";

/** What is said where there are none: how the first one is made. */
function noneYet({ question, spec }: RegionQuestion): Key {
  if (spec.line?.unit === "second") return "segment.none";
  if (!spec.line) return "region.none";
  return relates(question) ? "span.noneJoined" : "span.none";
}

/** What is dropped on the upper half of a row goes before it, on the lower half before the next one. */
function dropTarget(event: DragEvent, ids: readonly string[], id: string): string {
  const row = (event.currentTarget as HTMLElement).getBoundingClientRect();
  if (event.clientY < row.top + row.height / 2) return id;
  return ids[ids.indexOf(id) + 1] ?? END;
}

/** Where a key leads in a list, or null where it is none of the list's. */
function listTarget(key: string, at: number, count: number): number | null {
  if (key === "ArrowDown") return at < 0 ? 0 : (at + 1) % count;
  if (key === "ArrowUp") return at < 0 ? count - 1 : (at - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}

function countOf(chosen: ReadonlySet<string>, document: Document, questionId: string): number {
  let count = 0;
  for (const id of chosen) if (document.object(questionId, id)) count++;
  return count;
}

function shownCount(rows: readonly Row[]): number {
  return rows.filter((row) => row.kind === "region").length;
}
