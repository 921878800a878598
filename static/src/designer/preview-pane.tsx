/* The template on items of a dataset, as people will work with it: it follows every change. */

import { effect, signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { type FieldError, request } from "../core/api";
import { t } from "../core/i18n";
import { fit, preview } from "../site/lib/preview";
import { useDesigner } from "./context";
import { writeDraft } from "./model";
import type { Designer } from "./state";

interface Dataset {
  id: number;
  name: string;
  item_count: number;
  fields: { name: string; type: string }[];
}

const KEPT = "itag-preview-dataset";
const datasets = signal<readonly Dataset[] | null>(null);
const chosen = signal<number | null>(null);

/** Ask once which datasets there are to look at. */
export async function loadDatasets(designer: Designer): Promise<void> {
  const { workspace, addresses } = designer.boot;
  const query = workspace === null ? "" : `&workspace=${workspace}`;
  const outcome = await request<{ results: Dataset[] }>(
    `${addresses.datasets}?state=ready&limit=200${query}`,
  );
  const found = outcome.kind === "ok" ? outcome.body.results : [];
  datasets.value = found.filter((one) => one.item_count > 0);
  const kept = Number(localStorage.getItem(KEPT));
  const usual = datasets.value.find((one) => one.id === kept) ?? datasets.value[0];
  chosen.value = usual?.id ?? null;
}

/** The fields of the chosen dataset that a view of this type shows. */
export function fieldsOf(designer: Designer, type: string): string[] {
  const wanted = designer.boot.shows[type] ?? [];
  const dataset = datasets.value?.find((one) => one.id === chosen.value);
  return (dataset?.fields ?? []).filter((one) => wanted.includes(one.type)).map((one) => one.name);
}

/** Each view's field in the dataset: that of its name, else the first fitting one that no other view shows. */
function bindings(designer: Designer): Record<string, string> {
  const { views } = designer.draft.value;
  const found: Record<string, string> = {};
  const used = new Set<string>();
  const left: [string, string[]][] = [];
  for (const view of views) {
    const name = String(view.config.bindField ?? "");
    const fitting = fieldsOf(designer, view.type);
    if (fitting.includes(name)) {
      found[name] = name;
      used.add(name);
    } else left.push([name, fitting]);
  }
  for (const [name, fitting] of left) {
    const field = fitting.find((one) => !used.has(one)) ?? fitting[0];
    if (field === undefined) continue;
    found[name] = field;
    used.add(field);
  }
  return found;
}

export function PreviewPane() {
  const designer = useDesigner();
  const frame = useRef<HTMLIFrameElement>(null);
  const [errors, setErrors] = useState<readonly FieldError[]>([]);
  useEffect(() => {
    if (!frame.current) return;
    const shown = preview(frame.current);
    const unfit = fit(frame.current);
    shown.onErrors = setErrors;
    const stop = effect(() => {
      const dataset = chosen.value;
      const draft = writeDraft(designer.draft.value);
      if (dataset === null || datasets.value === null) return;
      const { name, description: _, ...content } = draft;
      shown.show({ dataset, draft: content, field_bindings: bindings(designer) }, String(name));
    });
    return () => {
      stop();
      unfit();
      shown.stop();
    };
  }, [designer]);
  const found = datasets.value;
  return (
    <div class="ds-preview">
      <div class="ds-preview-bar">
        <label>
          {t("designer.preview.dataset")}
          <select
            value={chosen.value ?? ""}
            disabled={!found || found.length === 0}
            onChange={(event) => {
              chosen.value = Number(event.currentTarget.value);
              localStorage.setItem(KEPT, String(chosen.value));
            }}
          >
            {(found ?? []).map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
        <span class="ds-help">{t("designer.preview.help")}</span>
      </div>
      {found?.length === 0 && <p class="notice warn">{t("designer.preview.none")}</p>}
      {errors.length > 0 && (
        <div class="notice warn" role="status">
          <ul>
            {errors.slice(0, 5).map((one) => (
              <li key={`${one.field}${one.message}`}>{one.message}</li>
            ))}
          </ul>
        </div>
      )}
      <div class="ds-frame">
        <iframe
          ref={frame}
          title={t("designer.preview")}
          data-src={designer.boot.addresses.preview}
        />
      </div>
    </div>
  );
}
