/* Entry of the builder of label templates. */

import "../site/site.css";
import "../designer/designer.css";
import { render } from "preact";
import { setToken } from "../core/api";
import { setLanguage } from "../core/i18n";
import { App } from "../designer/app";
import { DesignerProvider } from "../designer/context";
import { Designer, type DesignerBoot } from "../designer/state";

const root = document.getElementById("designer");
const data = document.getElementById("bootstrap");

if (root && data) {
  const boot = JSON.parse(data.textContent ?? "{}") as DesignerBoot;
  setLanguage(boot.language);
  setToken(boot.csrf);
  const designer = new Designer(boot);
  render(
    <DesignerProvider value={designer}>
      <App />
    </DesignerProvider>,
    root,
  );
}
