/* Soft edges of masks, and cut-outs as files. */

import { signal } from "@preact/signals";
import { hiddenAll, hiddenIds, lockedIds } from "../content/compare";
import type { Geometry } from "../surfaces/canvas/shapes";
import { MOST_FEATHER } from "../surfaces/mask/alpha";
import type { Part } from "../surfaces/mask/cutout";
import { cutOutFile } from "../surfaces/mask/worker";
import { chosenRegions } from "./chosen";
import { whole } from "./fetching";
import { say } from "./flow";
import { t } from "./i18n";
import { setObject } from "./oplog";
import { type RegionQuestion, regionQuestions } from "./regions";
import type { Session } from "./session";

/** Whether masks may be drawn for any of these questions. */
export function takesMasks(questions: readonly RegionQuestion[]): boolean {
  return questions.some(({ question }) => question.shapes?.includes("mask"));
}

/** How soft the chosen masks are, the first one's; null where none is chosen. */
export function featherOf(session: Session): number | null {
  const [first] = chosenMasks(session);
  return first ? Number(first.object.feather ?? 0) : null;
}

function chosenMasks(session: Session) {
  return chosenRegions(session).filter(
    ({ question, object }) => question.spec.plane?.geometry(object).kind === "mask",
  );
}

/** Let the edges of the chosen masks fade over so many pixels; steps in quick succession are one step of undo. */
export function setFeather(session: Session, pixels: number): void {
  const document = session.sheet.peek()?.document;
  if (!document || session.frozen.peek() !== null || !Number.isFinite(pixels)) return;
  const feather = Math.min(MOST_FEATHER, Math.max(0, Math.round(pixels * 10) / 10));
  const masks = chosenMasks(session).filter(({ object }) => !lockedIds.peek().has(object.id));
  const ops = masks.flatMap(({ question, object }) => {
    if (Number(object.feather ?? 0) === feather) return [];
    const { feather: _, ...rest } = object;
    const next = feather > 0 ? { ...rest, feather } : rest;
    return [setObject(document, question.question.questionId, object.id, next)];
  });
  session.commit(ops, `feather/${masks.map(({ object }) => object.id).join("/")}`);
}

/** A cut-out is being made. */
export const cutting = signal(false);

function partOf({ kind, points, holes, mask }: Geometry, feather: number): Part | null {
  if (mask) return { mask, feather };
  if (kind === "polyline" || kind === "point") return null;
  return { rings: [points, ...(holes ?? [])].map((ring) => [...ring]) };
}

/** Hand out what is marked and not hidden, cut out of the picture, as a PNG in full resolution. */
export async function downloadCutOut(session: Session): Promise<void> {
  const sheet = session.sheet.peek();
  if (!sheet || cutting.peek()) return;
  const questions = regionQuestions(session.template.questions).filter((one) => takesMasks([one]));
  const media = sheet.payload.peek().media[questions[0]?.question.field ?? ""];
  const hidden = hiddenIds.peek();
  const parts = questions.flatMap(({ question, spec }) => {
    const { ids, byId } = sheet.document.objects(question.questionId);
    return ids.flatMap((id) => {
      const object = byId.get(id);
      if (!spec.plane || !object || hiddenAll.peek() || hidden.has(id)) return [];
      return partOf(spec.plane.geometry(object), Number(object.feather ?? 0)) ?? [];
    });
  });
  if (parts.length === 0 || !media?.width || !media.height) {
    say(session, t("cutout.nothing"), "warn");
    return;
  }
  cutting.value = true;
  const { width, height } = media;
  const made = await whole(media.url).then(
    (file) => cutOutFile({ file, width, height, parts }),
    () => null,
  );
  cutting.value = false;
  if (made) handOut(made, `${session.assignment.job.name}-${sheet.position}.png`);
  else say(session, t("cutout.failed"), "warn");
}

function handOut(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser reads the address after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
