/* Tools over a picture. */

import { type Key, t } from "../core/i18n";
import { settings } from "../core/settings";
import type { View } from "../core/types";
import type { CanvasSurface } from "../surfaces/canvas/surface";
import { actionsFor, toolNamed, toolsFor } from "../surfaces/canvas/tools/registry";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { hiddenAll, hiddenIds } from "./compare";
import { chooseTool, keyOf, kindsOf, toolOf } from "./tools";
import { ViewMenu } from "./view-menu";

interface Props {
  view: View;
  surface: CanvasSurface;
  drawable: boolean;
}

/** With more tools than this a narrow page leaves out what the wheel and keys do as well, to keep one row. */
const MANY = 11;
const GROUPS = ["select", "draw", "mask", "edit"] as const;

export function CanvasToolbar({ view, surface, drawable }: Props) {
  const scale = Math.round(surface.camera.value.scale * 100);
  const kinds = kindsOf(useSession(), view);
  const many = drawable && toolsFor(kinds).length + actionsFor(kinds).length > MANY;
  return (
    <div
      class="canvas-tools"
      role="toolbar"
      aria-label={t("tool.bar")}
      data-many={many || undefined}
    >
      {drawable && <Tools view={view} surface={surface} />}
      <div class="tool-group">
        <Button
          text="tool.zoomOut"
          icon="minus"
          quiet
          class="spare"
          keys="-"
          onPress={() => surface.zoom(0.8)}
        />
        <output class="zoom-value" aria-label={t("tool.zoom")}>
          {t("tool.percent", { n: scale })}
        </output>
        <Button
          text="tool.zoomIn"
          icon="plus"
          quiet
          class="spare"
          keys="+"
          onPress={() => surface.zoom(1.25)}
        />
        <Button text="tool.fit" icon="fit" quiet keys="f" onPress={() => surface.fit()} />
        <Button
          text="tool.actual"
          icon="one"
          quiet
          class="spare"
          keys="shift+f"
          onPress={() => surface.actual()}
        />
        <ViewMenu view={view} surface={surface} drawable={drawable} />
      </div>
      {drawable && (
        <div class="tool-group">
          <Button
            text="tool.hideAll"
            icon={hiddenAll.value ? "eye-off" : "eye"}
            quiet
            keys="h"
            pressed={hiddenAll.value}
            onPress={() => {
              hiddenAll.value = !hiddenAll.value;
              if (!hiddenAll.value) hiddenIds.value = new Set();
            }}
          />
          <Button
            text="tool.cross"
            icon="target"
            quiet
            class="spare"
            keys="c"
            pressed={settings.cross.value}
            onPress={() => {
              settings.cross.value = !settings.cross.value;
            }}
          />
        </div>
      )}
    </div>
  );
}

function reason(key: Key | null): string {
  return key === null ? "" : t(key);
}

/** The tools of the shapes that may be drawn, what can be done to what is chosen, and the settings of the tool. */
function Tools({ view, surface }: Omit<Props, "drawable">) {
  const session = useSession();
  const frozen = session.frozen.value !== null;
  const kinds = kindsOf(session, view);
  const tool = toolOf(session, view);
  // What is chosen decides what can be done to it.
  void [session.selection.value, session.sheet.value?.document.changed.value];
  const actions = actionsFor(kinds);
  const Options = frozen ? null : toolNamed(tool)?.options;
  return (
    <>
      {GROUPS.map((group) => {
        const tools = toolsFor(kinds).filter((one) => one.group === group);
        const acts = actions.filter((one) => one.group === group);
        if (tools.length + acts.length === 0) return null;
        return (
          <div class="tool-group" key={group}>
            {tools.map((one) => (
              <Button
                key={one.name}
                text={one.text}
                icon={one.icon}
                quiet
                badge
                keys={keyOf(session, one.key)}
                disabled={frozen && group !== "select"}
                pressed={tool === one.name}
                onPress={() => chooseTool(one.name)}
              />
            ))}
            {acts.map((one) => (
              <Button
                key={one.name}
                text={one.text}
                icon={one.icon}
                quiet
                badge
                keys={keyOf(session, one.key)}
                disabled={frozen}
                why={reason(one.why(surface.around()))}
                onPress={() => void surface.driver.act(one)}
              />
            ))}
          </div>
        );
      })}
      {Options && (
        <div class="tool-group">
          <Options />
        </div>
      )}
    </>
  );
}
