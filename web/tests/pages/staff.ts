import type { Looked } from "../page";

export const pages: Looked[] = [
  { name: "staff", path: "/settings/staff", ready: "table" },
  {
    name: "staff-one",
    path: "/settings/staff?who=guide-1",
    ready: ".ant-drawer h2",
    as: "owner",
  },
  { name: "me", path: "/me", ready: "form", as: "guide", phone: true },
];
