/* A manager's correction of the open item: its buttons, and the bar that says that it is not saved. */

import { askAbandon, askSave, begin, whyNot, whyNotAbandon } from "../core/correction";
import { t } from "../core/i18n";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";

export function CorrectionButtons() {
  const session = useSession();
  if (!session.boot.correct) return null;
  const correcting = session.correcting.value !== null;
  const loading = session.sheet.value === null;
  return (
    <div class="row">
      <Button
        text="correct.abandon"
        icon="ban"
        keys="x"
        disabled={loading}
        why={whyNotAbandon(session)}
        onPress={() => askAbandon(session)}
      />
      <Button
        text="correct.action"
        icon="edit"
        keys="m"
        disabled={loading || correcting}
        why={whyNot(session)}
        onPress={() => begin(session)}
      />
    </div>
  );
}

export function CorrectionBar() {
  const session = useSession();
  if (session.correcting.value === null) return null;
  const unsaved = session.unsaved.value;
  return (
    <div class={unsaved ? "notice warn" : "notice"} role="status" data-notice="correction">
      <Icon name="edit" />
      <p>{t(unsaved ? "correct.unsaved" : "correct.clean")}</p>
      <Button text="correct.discard" class="btn-s" onPress={() => session.correct(false)} />
      <Button
        text="correct.save"
        class="btn-s"
        kind="primary"
        keys="mod+s"
        disabled={!unsaved}
        onPress={() => askSave(session)}
      />
    </div>
  );
}
