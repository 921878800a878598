/* Which dialog is open: trouble that needs an answer first, then what the person asked for. */

import { openDialog } from "../core/dialogs";
import { useSession } from "../ui/context";
import { AbandonDialog } from "./abandon";
import { ConflictDialog } from "./conflict";
import { HelpDialog } from "./help";
import { PassRestDialog, RejectPackageDialog, ReleaseDialog } from "./package";
import { RejectDialog } from "./reject";
import { SettingsDialog } from "./settings";
import { SignInDialog } from "./sign-in";
import { SubmitDialog } from "./submit";

export function Dialogs() {
  const { outbox } = useSession();
  const trouble = outbox.trouble.value;
  if (trouble?.kind === "signin") return <SignInDialog />;
  if (trouble?.kind === "conflict") return <ConflictDialog trouble={trouble} />;
  switch (openDialog.value) {
    case "help":
      return <HelpDialog />;
    case "abandon":
      return <AbandonDialog />;
    case "reject":
      return <RejectDialog />;
    case "reject-package":
      return <RejectPackageDialog />;
    case "release":
      return <ReleaseDialog />;
    case "submit":
      return <SubmitDialog />;
    case "settings":
      return <SettingsDialog />;
    case "pass-rest":
      return <PassRestDialog />;
    default:
      return null;
  }
}
