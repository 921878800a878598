/* Controls of a timeline: making segments, playing them, and how much of the time is seen. */

import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import type { SegmentView } from "./segment-view";

export function SegmentBar({ view }: { view: SegmentView }) {
  const session = useSession();
  const frozen = session.frozen.value !== null;
  const chosen = session.selected.value !== null;
  const { player, surface } = view;
  return (
    <>
      {view.lanes.length > 0 && (
        <div class="tool-group">
          <Button
            text="segment.in"
            icon="mark-in"
            quiet
            badge
            keys="["
            disabled={frozen}
            pressed={view.mark.value !== null}
            onPress={() => view.markIn()}
          />
          <Button
            text="segment.out"
            icon="mark-out"
            quiet
            badge
            keys="]"
            disabled={frozen || view.mark.value === null}
            onPress={() => view.markOut()}
          />
          <Button
            text="segment.outIn"
            icon="mark-on"
            quiet
            badge
            keys="e"
            disabled={frozen || view.mark.value === null}
            onPress={() => view.markOn()}
          />
          <Button
            text="segment.split"
            icon="split"
            quiet
            badge
            keys="c"
            disabled={frozen || !chosen}
            onPress={() => view.split()}
          />
          <Button
            text="segment.play"
            icon="play-part"
            quiet
            keys="shift+Space"
            disabled={!chosen}
            onPress={() => view.playChosen()}
          />
        </div>
      )}
      <div class="tool-group">
        <Button
          text="player.loop"
          icon="loop"
          quiet
          badge
          keys="l"
          pressed={player.loop.value}
          onPress={() => view.toggleLoop()}
        />
        <Button
          text="tool.zoomOut"
          icon="minus"
          quiet
          keys="-"
          onPress={() => view.zoom(1 / 1.5)}
        />
        <Button text="tool.zoomIn" icon="plus" quiet keys="+" onPress={() => view.zoom(1.5)} />
        <Button text="timeline.fit" icon="fit" quiet keys="f" onPress={() => surface.fit()} />
        {view.lanes.length > 0 && (
          <Button
            text="timeline.closeUp"
            icon="close-up"
            quiet
            keys="shift+f"
            disabled={!chosen}
            onPress={() => view.closeUp()}
          />
        )}
      </div>
    </>
  );
}
