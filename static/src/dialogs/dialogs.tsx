/* Which dialog is open: trouble that needs an answer first, then what the person asked for. */

import { closeDialog, openDialog } from "../core/dialogs";
import { t } from "../core/i18n";
import { useSession } from "../ui/context";
import { AbandonDialog } from "./abandon";
import { ConflictDialog } from "./conflict";
import { AbandonItemDialog, CorrectDialog, LeaveDialog } from "./correct";
import { HelpDialog } from "./help";
import { PaceDialog } from "./pace";
import { GiveBackDialog, PassRestDialog, RejectPackageDialog, WithdrawDialog } from "./package";
import { RejectDialog } from "./reject";
import { AppealDialog, FlagDialog } from "./say";
import { SettingsDialog } from "./settings";
import { ShortcutsDialog } from "./shortcuts";
import { SignInDialog } from "./sign-in";
import { NextDialog, SubmitDialog } from "./submit";
import { UnsentDialog } from "./unsent";

export function Dialogs() {
  const { outbox, leaving } = useSession();
  const trouble = outbox.trouble.value;
  if (trouble?.kind === "signin") return <SignInDialog />;
  if (trouble?.kind === "conflict") return <ConflictDialog trouble={trouble} />;
  if (leaving.value !== null) return <LeaveDialog target={leaving.value} />;
  switch (openDialog.value) {
    case "help":
      return <HelpDialog />;
    case "abandon":
      return <AbandonDialog />;
    case "reject":
      return <RejectDialog />;
    case "reject-package":
      return <RejectPackageDialog />;
    case "give-back":
      return <GiveBackDialog />;
    case "withdraw":
      return <WithdrawDialog />;
    case "again":
      return (
        <NextDialog title="late.title" text={t("late.againText")} atOnce onClose={closeDialog} />
      );
    case "flag":
      return <FlagDialog />;
    case "appeal":
      return <AppealDialog />;
    case "submit":
      return <SubmitDialog />;
    case "correct":
      return <CorrectDialog />;
    case "abandon-item":
      return <AbandonItemDialog />;
    case "settings":
      return <SettingsDialog />;
    case "shortcuts":
      return <ShortcutsDialog />;
    case "unsent":
      return <UnsentDialog />;
    case "pace":
      return <PaceDialog />;
    case "pass-rest":
      return <PassRestDialog />;
    default:
      return null;
  }
}
