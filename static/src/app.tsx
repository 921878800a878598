/* The labeling page: one application for labeling, check, acceptance and reading. */

import { t } from "./core/i18n";
import { gridOf } from "./core/item-grid";
import { settings } from "./core/settings";
import { Dialogs } from "./dialogs/dialogs";
import { ActionBar } from "./panels/action-bar";
import { Changes } from "./panels/changes";
import { CutOut } from "./panels/cutout";
import { Description, GuideDrawer } from "./panels/guide";
import { History, Late, Prior } from "./panels/history";
import { GridBar, GridQuestions, ItemGridView } from "./panels/item-grid";
import { ItemStrip } from "./panels/item-strip";
import { Notices } from "./panels/notices";
import { PageQuestions } from "./panels/page-questions";
import { WholeQuestions } from "./panels/questions";
import { RegionLabels } from "./panels/region-labels";
import { RegionPlace } from "./panels/region-place";
import { Regions } from "./panels/regions";
import { LiveRegion } from "./panels/save-state";
import { Stage } from "./panels/stage";
import { ItemQuestions } from "./panels/thread";
import { TopBar } from "./panels/top-bar";
import { JudgedMine, PreviousFeedback, Verdict } from "./panels/verdict";
import { Votes } from "./panels/votes";
import { useSession } from "./ui/context";
import { Toast } from "./ui/toast";

export function App() {
  const session = useSession();
  const many = gridOf(session).on.value;
  // What stands between an answer and its labels is made anew with them.
  const made = `made-${session.relabeled.value}`;
  return (
    <div class={settings.strip.value ? "wb" : "wb wb-no-strip"} data-mode={session.mode}>
      <TopBar />
      <ItemStrip />
      <main class="wb-main" id="main" tabIndex={-1}>
        <Notices />
        <div key={made} class="wb-stage">
          {many ? <ItemGridView /> : <Stage />}
          {!many && <Loading />}
          <GuideDrawer />
        </div>
      </main>
      <aside class="wb-side" aria-label={t("side.title")}>
        <div key={made} class="side-scroll">
          {many ? <GridQuestions /> : <ItemPanels />}
        </div>
        {!many && <RegionPlace />}
      </aside>
      {many ? <GridBar /> : <ActionBar />}
      <LiveRegion />
      <Toast />
      <Dialogs />
    </div>
  );
}

/** What the side says of the open item. */
function ItemPanels() {
  return (
    <>
      <PreviousFeedback />
      <Verdict />
      <Changes />
      <Votes />
      <WholeQuestions />
      <PageQuestions />
      <RegionLabels />
      <JudgedMine />
      <ItemQuestions />
      <CutOut />
      <Regions />
      <Late />
      <History />
      <Prior />
      <Description />
    </>
  );
}

/** The open item is on its way, or could not be had. */
function Loading() {
  const session = useSession();
  if (session.sheet.value) return null;
  const problem = session.loadProblem.value;
  if (!problem) return <p class="stage-message muted">{t("item.loading")}</p>;
  return (
    <div class="stage-message" role="alert">
      <p>{problem === "refused" ? t("item.refused") : t("save.unreachable")}</p>
      <button
        type="button"
        class="btn"
        onClick={() => void session.goTo(session.position.peek(), { replace: true })}
      >
        {t("media.retry")}
      </button>
    </div>
  );
}
