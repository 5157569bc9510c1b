import { rowsOf, text, uploaded } from "../files";
import type { Looked } from "../page";

const rows = rowsOf("P");

export const pages: Looked[] = [
  { name: "imports", path: "/customers/imports", ready: ".ant-upload-drag" },
  {
    name: "import-columns",
    path: (page, demo) =>
      uploaded(page, demo, "gate.csv", text(rows.good, rows.masked, rows.broken)),
    ready: ".import-form",
  },
];
