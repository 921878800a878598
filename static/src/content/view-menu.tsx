/* How the picture is shown: turned, brighter, with more contrast or other greys, and what of the regions is seen. */

import type { Signal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { type Key, t } from "../core/i18n";
import { pushScope } from "../core/keys";
import type { Samples } from "../core/samples";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import { clamp } from "../surfaces/canvas/geometry";
import type { CanvasSurface } from "../surfaces/canvas/surface";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Shown } from "../ui/kbd";
import {
  BRIGHTNESS,
  brightness,
  CONTRAST,
  contrast,
  openMenu,
  placeIn,
  resetLook,
  rotate,
  setWindow,
  toggleMenu,
} from "./view-state";

type Keys = readonly (readonly [Key, string])[];

/** The keys that move a line down and up. */
const DIMMER: Keys = [
  ["view.darker", "{"],
  ["view.brighter", "}"],
];
const SHARPER: Keys = [
  ["view.lessContrast", ":"],
  ["view.moreContrast", "|"],
];

interface Props {
  view: View;
  surface: CanvasSurface;
  /** Regions are drawn on it. */
  drawable: boolean;
}

export function ViewMenu({ view, surface, drawable }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const open = openMenu.value === view.bindField;

  useEffect(() => {
    if (!open) return;
    const before = document.activeElement as HTMLElement | null;
    root.current?.querySelector<HTMLElement>(".view-panel button, .view-panel input")?.focus();
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) openMenu.value = null;
    };
    document.addEventListener("pointerdown", outside, true);
    const stop = pushScope("tool", "keys.scope.canvas", () => [
      {
        keys: ["Escape"],
        text: null,
        editable: true,
        when: () => root.current?.contains(document.activeElement) ?? false,
        run: () => {
          openMenu.value = null;
          // Back to where the focus came from.
          before?.focus();
        },
      },
    ]);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      stop();
    };
  }, [open]);
  useEffect(
    () => () => {
      openMenu.value = null;
    },
    [],
  );

  return (
    <div class="view-menu" ref={root}>
      <Button
        text="view.title"
        icon="sun"
        quiet
        keys="alt+v"
        expanded={open}
        onPress={() => toggleMenu(view)}
      />
      {open && (
        <div class="view-panel" role="group" aria-label={t("view.title")}>
          <Panel view={view} surface={surface} drawable={drawable} />
        </div>
      )}
    </div>
  );
}

function Panel({ view, surface, drawable }: Props) {
  const session = useSession();
  const samples = surface.shown.value?.tiles?.samples ?? null;
  const turn = (quarters: number) =>
    rotate(surface, placeIn(view, session.position.peek()), quarters);
  return (
    <>
      <div class="view-row">
        <Button text="tool.rotateLeft" icon="rotate-left" quiet keys="<" onPress={() => turn(-1)} />
        <Button
          text="tool.rotateRight"
          icon="rotate-right"
          quiet
          keys=">"
          onPress={() => turn(1)}
        />
        <Button
          text="tool.closeUp"
          icon="close-up"
          quiet
          keys="shift+v"
          disabled={session.selected.value === null}
          onPress={() => surface.closeUp(session.selected.peek() as string)}
        />
        <span class="view-turn">{t("view.turned", { n: surface.camera.value.turn * 90 })}</span>
      </div>
      {samples ? (
        <Greys surface={surface} samples={samples} />
      ) : (
        <>
          <Slider text="view.brightness" keys={DIMMER} of={brightness} ends={BRIGHTNESS} />
          <Slider text="view.contrast" keys={SHARPER} of={contrast} ends={CONTRAST} />
        </>
      )}
      <Button text="view.reset" keys="\" onPress={() => resetLook(surface)} />
      {drawable && <Regions />}
      <Check of={settings.minimap} text="view.minimap" keys="shift+m" />
    </>
  );
}

function Regions() {
  const id = useId();
  return (
    <>
      <div class="view-line">
        <label for={`${id}-fill`}>
          {t("view.fill")} <Shown text="view.fill" usual="alt+i" />
        </label>
        <input
          id={`${id}-fill`}
          type="range"
          min={0}
          max={0.6}
          step={0.02}
          value={settings.fill.value}
          onInput={(event) => {
            settings.fill.value = event.currentTarget.valueAsNumber;
          }}
        />
        <output>{t("tool.percent", { n: Math.round(settings.fill.value * 100) })}</output>
      </div>
      <div class="view-line">
        <label for={`${id}-colors`}>
          {t("view.colorBy")} <Shown text="view.colorBy" usual="alt+l" />
        </label>
        <select
          id={`${id}-colors`}
          value={settings.colorBy.value}
          onChange={(event) => {
            settings.colorBy.value = event.currentTarget.value;
          }}
        >
          <option value="label">{t("view.byLabel")}</option>
          <option value="region">{t("view.byRegion")}</option>
        </select>
      </div>
      <Check of={settings.texts} text="tool.texts" keys="t" />
      <Check of={settings.cross} text="tool.cross" keys="c" />
    </>
  );
}

interface SliderProps {
  text: Key;
  keys: Keys;
  of: Signal<number>;
  ends: { least: number; most: number };
}

/** The slider is even in steps of the same ratio; its middle need not be 1. */
function Slider({ text, keys, of, ends }: SliderProps) {
  const id = useId();
  const percent = Math.round(of.value * 100);
  return (
    <div class="view-line">
      <label for={id}>
        {t(text)}{" "}
        {keys.map(([name, usual]) => (
          <Shown key={name} text={name} usual={usual} />
        ))}
      </label>
      <input
        id={id}
        type="range"
        min={Math.log(ends.least)}
        max={Math.log(ends.most)}
        step={0.01}
        value={Math.log(of.value)}
        aria-valuetext={t("tool.percent", { n: percent })}
        onInput={(event) => {
          const value = Math.exp(event.currentTarget.valueAsNumber);
          of.value = Math.abs(value - 1) < 0.02 ? 1 : value;
        }}
      />
      <output>{t("tool.percent", { n: percent })}</output>
    </div>
  );
}

/** Window and level of a deep picture, in its own values. */
function Greys({ surface, samples }: { surface: CanvasSurface; samples: Samples }) {
  const span = samples.window.value;
  const range = samples.range.value;
  if (!span || !range) return null;
  const width = span.high - span.low;
  const level = (span.high + span.low) / 2;
  const all = Math.max(range.high - range.low, 1e-6);
  // Whole numbers where the picture has such.
  const step = all >= 100 ? 1 : all / 1000;
  const show = (at: number, wide: number) =>
    setWindow(surface, { low: at - wide / 2, high: at + wide / 2 });
  return (
    <>
      <NumberLine
        text="view.level"
        keys={DIMMER}
        value={level}
        least={range.low}
        most={range.high}
        step={step}
        onValue={(value) => show(value, width)}
      />
      <NumberLine
        text="view.window"
        keys={SHARPER}
        value={width}
        least={step}
        most={all * 1.5}
        step={step}
        onValue={(value) => show(level, value)}
      />
      <div class="view-row">
        <Button text="view.allGreys" onPress={() => setWindow(surface, range)} />
      </div>
    </>
  );
}

interface NumberProps {
  text: Key;
  keys: Keys;
  value: number;
  least: number;
  most: number;
  step: number;
  onValue: (value: number) => void;
}

function NumberLine({ text, keys, value, least, most, step, onValue }: NumberProps) {
  const id = useId();
  const shown = step >= 1 ? Math.round(value) : Number(value.toPrecision(5));
  const take = (wanted: number) => {
    if (Number.isFinite(wanted)) onValue(clamp(wanted, least, most));
  };
  return (
    <div class="view-line">
      <label for={id}>
        {t(text)}{" "}
        {keys.map(([name, usual]) => (
          <Shown key={name} text={name} usual={usual} />
        ))}
      </label>
      <input
        id={id}
        type="range"
        min={least}
        max={most}
        step={step}
        value={value}
        onInput={(event) => take(event.currentTarget.valueAsNumber)}
      />
      <input
        type="number"
        aria-label={t(text)}
        step={step}
        value={shown}
        onChange={(event) => take(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}

function Check({ of, text, keys }: { of: Signal<boolean>; text: Key; keys: string }) {
  return (
    <label class="check-line">
      <input
        type="checkbox"
        checked={of.value}
        onChange={(event) => {
          of.value = event.currentTarget.checked;
        }}
      />
      {t(text)} <Shown text={text} usual={keys} />
    </label>
  );
}
