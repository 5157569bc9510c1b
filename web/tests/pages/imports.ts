import { rowsOf, text, uploaded } from "../files";
import type { Looked } from "../page";

const rows = rowsOf("P");
// a header that no story has said how to read
const told = text(rows.good, rows.masked, rows.broken).toString();
const strange = Buffer.from(told.replace("订单编号", "订单号"));

export const pages: Looked[] = [
  { name: "imports", path: "/settings/imports", ready: ".ant-upload-drag" },
  {
    name: "import-columns",
    path: (page, demo) => uploaded(page, demo, "gate.csv", strange),
    ready: ".import-form",
  },
];
