/* What the builder offers, by type: nothing else in it looks at a type's name. */

import type { Key } from "../core/i18n";
import type { IconName } from "../ui/icon";
import { freeField, freeTitle } from "./edits";
import {
  atSide,
  type Draft,
  type Json,
  NESTS,
  type Nest,
  type Part,
  type QuestionPart,
  uid,
  type ViewPart,
} from "./model";
import type { DesignerBoot } from "./state";

interface Look {
  text: Key;
  icon: IconName;
}

export const VIEWS: Record<string, Look & { field: string }> = {
  Image: { text: "designer.view.Image", icon: "box", field: "image" },
  Text: { text: "designer.view.Text", icon: "text", field: "text" },
  Audio: { text: "designer.view.Audio", icon: "votes", field: "audio" },
  Video: { text: "designer.view.Video", icon: "close-up", field: "video" },
  Pdf: { text: "designer.view.Pdf", icon: "book", field: "pdf" },
  Markdown: { text: "designer.view.Markdown", icon: "list", field: "markdown" },
  Link: { text: "designer.view.Link", icon: "release", field: "link" },
};

interface Offered extends Look {
  group: Key;
  begins?: Json;
  /** The question that a new one has inside. */
  inside?: string;
  /** Several options are chosen at once. */
  many?: true;
  /** Its answers are the numbers of a scale. */
  scale?: true;
}

/** Question types in the order in which they are offered, with what a new one begins with. */
export const QUESTIONS: Record<string, Offered> = {
  RADIO: { text: "designer.type.RADIO", icon: "check", group: "designer.group.choice" },
  CHECKBOX: {
    text: "designer.type.CHECKBOX",
    icon: "list",
    group: "designer.group.choice",
    many: true,
  },
  INPUT: { text: "designer.type.INPUT", icon: "edit", group: "designer.group.text" },
  OPEN_ENDED: { text: "designer.type.OPEN_ENDED", icon: "ask", group: "designer.group.text" },
  TEXT_EDIT: { text: "designer.type.TEXT_EDIT", icon: "text", group: "designer.group.text" },
  PICTURE: {
    text: "designer.type.PICTURE",
    icon: "polygon",
    group: "designer.group.mark",
    begins: { shapes: ["rectangle"] },
    inside: "RADIO",
  },
  PDF: {
    text: "designer.type.PDF",
    icon: "book",
    group: "designer.group.mark",
    begins: { shapes: ["rectangle"] },
    inside: "RADIO",
  },
  SLOT: {
    text: "designer.type.SLOT",
    icon: "brush",
    group: "designer.group.mark",
    inside: "RADIO",
  },
  VIDEO: {
    text: "designer.type.VIDEO",
    icon: "clock",
    group: "designer.group.mark",
    inside: "RADIO",
  },
  TABLE: { text: "designer.type.TABLE", icon: "grid", group: "designer.group.mark" },
  RATING: {
    text: "designer.type.RATING",
    icon: "target",
    group: "designer.group.judge",
    scale: true,
  },
  RANKING: { text: "designer.type.RANKING", icon: "up", group: "designer.group.judge" },
};

export function lookOf(part: Part): Look {
  const look = part.kind === "view" ? VIEWS[part.type] : QUESTIONS[part.type];
  return look ?? { text: "designer.unknown", icon: "warn" };
}

/** Where questions stand inside this one. */
export function nestsOf(boot: DesignerBoot, part: QuestionPart): Nest[] {
  const members = boot.kinds[part.type]?.members ?? [];
  return NESTS.filter((nest) => members.includes(nest));
}

export function mayNest(boot: DesignerBoot, part: Part): boolean {
  return part.kind === "question" && (boot.kinds[part.type]?.nests ?? false);
}

/** The views that a question of this type marks on. */
export function fittingViews(boot: DesignerBoot, draft: Draft, type: string): ViewPart[] {
  const wanted = boot.kinds[type]?.views ?? [];
  return draft.views.filter((view) => wanted.includes(view.type));
}

export function newView(draft: Draft, type: string): ViewPart {
  const wish = draft.views.length === 0 ? "source" : (VIEWS[type]?.field ?? "source");
  return { kind: "view", uid: uid(), type, config: { bindField: freeField(draft, wish) } };
}

/** A question with a title and what it cannot do without; `siblings`: those beside which it will stand. */
export function newQuestion(
  boot: DesignerBoot,
  draft: Draft,
  type: string,
  title: (type: string) => string,
  siblings: readonly QuestionPart[] = atSide(draft),
): QuestionPart {
  const known = QUESTIONS[type];
  const part: QuestionPart = {
    kind: "question",
    uid: uid(),
    type,
    id: "",
    config: { markTitle: freeTitle(siblings, title(type)), mustFill: false, ...known?.begins },
    view: fittingViews(boot, draft, type)[0]?.uid ?? null,
    showIf: null,
    contents: {},
    nests: { children: [], pageChildren: [], relationChildren: [] },
  };
  if (known?.inside) {
    part.nests.children = [newQuestion(boot, draft, known.inside, title, [])];
  }
  return part;
}
