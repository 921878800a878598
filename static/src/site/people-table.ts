/* Reads a chosen file into the field of the table: nothing is uploaded, and spreadsheets that save GB 18030 are read. */

/** The text of a table's bytes: UTF-8, else GB 18030. */
export function decodeTable(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

export default function startPeopleTable(root: HTMLElement): void {
  const field = root.querySelector<HTMLElement>("[data-file-field]");
  const input = field?.querySelector<HTMLInputElement>("input[type=file]");
  if (field === null || field === undefined || input === null || input === undefined) return;
  field.hidden = false;
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    const into = root.querySelector<HTMLTextAreaElement>(input.dataset.into ?? "");
    if (file === undefined || into === null) return;
    into.value = decodeTable(await file.arrayBuffer());
    into.focus();
  });
}
