import { useId, useLayoutEffect } from "preact/hooks";
import { t } from "../core/i18n";
import { pushScope } from "../core/keys";
import { Kbd } from "../ui/kbd";

interface Props {
  reasons: readonly { value: string; text: string }[];
  value: string;
  onChange: (value: string) => void;
  /** A reason was chosen by its button or digit. */
  onPick: (value: string) => void;
}

/** A list of reasons with digits as hot keys, and a field for other words. */
export function Reasons({ reasons, value, onChange, onPick }: Props) {
  const id = useId();
  useLayoutEffect(
    () =>
      pushScope("dialog", "abandon.reasons", () =>
        reasons.slice(0, 9).map((reason, index) => ({
          keys: [String(index + 1)],
          text: null,
          run: () => onPick(reason.value),
        })),
      ),
    [reasons, onPick],
  );
  return (
    <>
      <div class="options" role="group" aria-label={t("abandon.reasons")}>
        {reasons.map((reason, index) => (
          <button
            key={reason.value}
            type="button"
            class="option"
            aria-keyshortcuts={index < 9 ? String(index + 1) : undefined}
            onClick={() => onPick(reason.value)}
          >
            <span class="option-label">{reason.text}</span>
            {index < 9 && <Kbd name={String(index + 1)} />}
          </button>
        ))}
      </div>
      <div class="field">
        <label for={id}>{t("abandon.other")}</label>
        <input
          id={id}
          type="text"
          maxLength={200}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      </div>
    </>
  );
}
