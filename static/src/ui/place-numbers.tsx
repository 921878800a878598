/* Where something lies and how large it is, as numbers: the way to change it without any dragging. */

import { type Key, t } from "../core/i18n";

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

const SIDES = ["x", "y", "width", "height"] as const;

interface Props {
  legend: Key;
  place: Place;
  frozen: boolean;
  /** A size of nothing, as a point has it, cannot be changed. */
  fixed?: boolean;
  onPlace: (place: Place) => void;
}

export function PlaceNumbers({ legend, place, frozen, fixed = false, onPlace }: Props) {
  return (
    <fieldset class="numbers" disabled={frozen}>
      <legend class="visually-hidden">{t(legend)}</legend>
      {SIDES.map((side) => (
        <label key={side}>
          <span>{t(`region.${side}`)}</span>
          <input
            type="number"
            step="any"
            min={0}
            disabled={fixed && place[side] === 0 && (side === "width" || side === "height")}
            value={Math.round(place[side] * 100) / 100}
            onChange={(event) => {
              const value = event.currentTarget.valueAsNumber;
              if (Number.isFinite(value)) onPlace({ ...place, [side]: value });
            }}
          />
        </label>
      ))}
    </fieldset>
  );
}
