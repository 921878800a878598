/* Which relations are allowed between which spans; nothing said: all of them. */

import { t } from "../core/i18n";
import { Icon } from "../ui/icon";
import { useDesigner } from "./context";
import { configure } from "./edits";
import { useFaults } from "./fields";
import type { QuestionPart } from "./model";
import { optionsOf } from "./options";
import { flat } from "./paste";

interface Pair {
  from?: string[];
  to?: string[];
  relation?: string[];
}
const ENDS = ["from", "relation", "to"] as const;

export function Pairs({ part }: { part: QuestionPart }) {
  const designer = useDesigner();
  const faults = useFaults("pairs");
  const pairs = (part.config.pairs ?? []) as Pair[];
  const spans = part.nests.children.flatMap((one) => flat(optionsOf(one)));
  const relations = part.nests.relationChildren.flatMap((one) => flat(optionsOf(one)));
  const frozen = designer.frozen !== "";
  const put = (next: Pair[]) =>
    designer.change(
      configure(designer.draft.peek(), part.uid, { pairs: next.length > 0 ? next : undefined }),
    );
  return (
    <fieldset class="ds-field ds-pairs" data-member="pairs">
      <legend>{t("designer.prop.pairs")}</legend>
      {pairs.map((pair, at) => (
        <div key={`${at}`} class="ds-pair">
          {ENDS.map((end) => (
            <select
              key={end}
              value={pair[end]?.[0] ?? ""}
              disabled={frozen}
              aria-label={t(`designer.pair.${end}`)}
              onChange={(event) => {
                const { value } = event.currentTarget;
                put(pairs.with(at, { ...pair, [end]: value ? [value] : [] }));
              }}
            >
              <option value="">{t("designer.pair.any")}</option>
              {(end === "relation" ? relations : spans).map((option) => (
                <option key={option.key} value={option.key}>
                  {option.label}
                </option>
              ))}
            </select>
          ))}
          <button
            type="button"
            class="btn btn-quiet btn-icon btn-s"
            disabled={frozen}
            aria-label={t("designer.remove")}
            onClick={() => put(pairs.toSpliced(at, 1))}
          >
            <Icon name="cross" />
          </button>
        </div>
      ))}
      {faults.length > 0 && <p class="ds-fault">{faults.join(" ")}</p>}
      {!frozen && (
        <button
          type="button"
          class="btn btn-s"
          onClick={() => put([...pairs, { from: [], to: [], relation: [] }])}
        >
          <Icon name="plus" />
          {t("designer.pair.add")}
        </button>
      )}
      <p class="ds-help">{t("designer.prop.pairs.help")}</p>
    </fieldset>
  );
}
