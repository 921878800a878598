/* The editor of a job's guide: pictures by paste, drop or the button are uploaded and named in the text where the
   cursor stands; a PDF is published in place of a text. */

import { csrfToken } from "./lib/htmx";
import { toast } from "./lib/toast";

interface Texts {
  uploading: string;
  failed: string;
  picture: string;
}

interface Picture {
  name: string;
}

const PICTURES = /^image\/(png|jpeg|gif|webp|bmp|tiff)$/;

export default function start(root: HTMLElement): void {
  const area = root.querySelector<HTMLTextAreaElement>("textarea[name=markdown]");
  const status = root.querySelector<HTMLElement>("[data-status]");
  const texts = JSON.parse(
    document.getElementById("job-guide-texts")?.textContent ?? "{}",
  ) as Texts;
  if (area === null || status === null) return;

  async function add(files: Iterable<File>): Promise<void> {
    if (area === null || status === null) return;
    for (const file of files) {
      if (!PICTURES.test(file.type)) continue;
      status.textContent = texts.uploading;
      try {
        const kept = (await send("POST", root.dataset.files ?? "", { file })) as Picture;
        insert(area, `![${title(file.name) || texts.picture}](guide:${kept.name})`);
      } catch (error) {
        toast(error instanceof Error && error.message ? error.message : texts.failed, "error");
      }
      status.textContent = "";
    }
  }

  area.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.some((file) => PICTURES.test(file.type))) return;
    event.preventDefault();
    void add(files);
  });
  area.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  area.addEventListener("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void add(files);
  });
  const picker = root.querySelector<HTMLInputElement>("[data-picture]");
  picker?.addEventListener("change", () => {
    void add([...(picker.files ?? [])]);
    picker.value = "";
  });

  const pdf = root.querySelector<HTMLInputElement>("[data-pdf]");
  pdf?.addEventListener("change", () => {
    const file = pdf.files?.[0];
    pdf.value = "";
    if (file === undefined) return;
    const note = root.querySelector<HTMLInputElement>("[data-note]")?.value ?? "";
    const base = root.querySelector<HTMLInputElement>("[data-base]")?.value ?? "";
    void send("PUT", root.dataset.api ?? "", { file, note, base }).then(
      () => window.location.assign(root.dataset.back ?? ""),
      (error: unknown) => toast(error instanceof Error ? error.message : texts.failed, "error"),
    );
  });
}

/** Send the fields as a form; answers the JSON, or throws the server's reason. */
async function send(
  method: string,
  address: string,
  fields: Record<string, string | File>,
): Promise<unknown> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const response = await fetch(address, {
    method,
    body,
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
  });
  const answer = (await response.json()) as {
    detail?: string;
    errors?: { message?: string }[];
  };
  if (!response.ok) throw new Error(answer.errors?.[0]?.message ?? answer.detail ?? "");
  return answer;
}

/** Put the line where the cursor stands, in a paragraph of its own; the browser's undo takes it back. */
function insert(area: HTMLTextAreaElement, text: string): void {
  const before = area.value.slice(0, area.selectionStart);
  const lead =
    before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  area.setRangeText(`${lead}${text}\n\n`, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

/** A description from the file's name, without what Markdown would read. */
export function title(name: string): string {
  const bare = name.replace(/\.[^.]*$/, "").replace(/[[\]()\\!*_`<>]/g, " ");
  return bare.trim().slice(0, 100);
}
