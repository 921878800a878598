/* Settings of the tools that paint masks, at the end of the toolbar. */

import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";
import { type Key, t } from "../../core/i18n";
import { settings } from "../../core/settings";
import { Shown } from "../../ui/kbd";
import { LEAST_SIZE, MOST_SIZE } from "./brush";
import { MOST_TOLERANCE } from "./wand";

interface Props {
  text: Key;
  /** The bindings that change it by a step. */
  less: Key;
  more: Key;
  setting: Signal<number>;
  least: number;
  most: number;
}

function Amount({ text, less, more, setting, least, most }: Props) {
  const id = useId();
  return (
    <span class="tool-amount">
      <label for={id}>{t(text)}</label>
      <input
        id={id}
        class="input"
        type="number"
        min={least}
        max={most}
        step={1}
        value={setting.value}
        onChange={(event) => {
          const value = Math.round(event.currentTarget.valueAsNumber);
          if (Number.isFinite(value)) setting.value = Math.min(most, Math.max(least, value));
          event.currentTarget.value = String(setting.peek());
        }}
      />
      <Shown text={less} usual="[" />
      <Shown text={more} usual="]" />
    </span>
  );
}

export function BrushOptions() {
  return (
    <Amount
      text="mask.size"
      less="mask.smaller"
      more="mask.larger"
      setting={settings.brush}
      least={LEAST_SIZE}
      most={MOST_SIZE}
    />
  );
}

export function WandOptions() {
  return (
    <Amount
      text="wand.tolerance"
      less="wand.less"
      more="wand.more"
      setting={settings.tolerance}
      least={0}
      most={MOST_TOLERANCE}
    />
  );
}
