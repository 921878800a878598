/* Tools over a picture. */

import { t } from "../core/i18n";
import { settings } from "../core/settings";
import type { CanvasSurface } from "../surfaces/canvas/surface";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { hiddenAll, hiddenIds } from "./compare";

interface Props {
  surface: CanvasSurface;
  drawable: boolean;
}

export function CanvasToolbar({ surface, drawable }: Props) {
  const session = useSession();
  const frozen = session.frozen.value !== null;
  const tool =
    settings.tool.value === "box" && (frozen || !drawable) ? "select" : settings.tool.value;
  const scale = Math.round(surface.camera.value.scale * 100);
  return (
    <div class="canvas-tools" role="toolbar" aria-label={t("tool.bar")}>
      {drawable && (
        <div class="tool-group">
          <Button
            text="tool.select"
            icon="pointer"
            quiet
            keys="v"
            pressed={tool === "select"}
            onPress={() => {
              settings.tool.value = "select";
            }}
          />
          <Button
            text="tool.box"
            icon="box"
            quiet
            keys="b"
            disabled={frozen}
            pressed={tool === "box"}
            onPress={() => {
              settings.tool.value = "box";
            }}
          />
          <Button
            text="tool.hand"
            icon="hand"
            quiet
            keys="g"
            pressed={tool === "hand"}
            onPress={() => {
              settings.tool.value = "hand";
            }}
          />
        </div>
      )}
      <div class="tool-group">
        <Button text="tool.zoomOut" icon="minus" quiet keys="-" onPress={() => surface.zoom(0.8)} />
        <output class="zoom-value" aria-label={t("tool.zoom")}>
          {t("tool.percent", { n: scale })}
        </output>
        <Button text="tool.zoomIn" icon="plus" quiet keys="+" onPress={() => surface.zoom(1.25)} />
        <Button text="tool.fit" icon="fit" quiet keys="f" onPress={() => surface.fit()} />
        <Button
          text="tool.actual"
          icon="one"
          quiet
          keys="shift+f"
          onPress={() => surface.actual()}
        />
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
