/* What the tools that place vertices can be set to. */

import type { Binding } from "../../../core/keys";
import { settings } from "../../../core/settings";
import { Button } from "../../../ui/button";

const SNAP_KEY = "shift+n";

function toggleSnap(): void {
  settings.snap.value = !settings.snap.peek();
}

export function SnapOption() {
  return (
    <Button
      text="tool.snap"
      icon="magnet"
      quiet
      keys={SNAP_KEY}
      pressed={settings.snap.value}
      onPress={toggleSnap}
    />
  );
}

export function snapKeys(): readonly Binding[] {
  return [{ keys: [SNAP_KEY], text: "tool.snap", run: toggleSnap }];
}
