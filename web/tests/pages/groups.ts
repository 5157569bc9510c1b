import { asked } from "../demo";
import type { Looked } from "../page";

export const pages: Looked[] = [
  { name: "groups", path: "/groups", as: "operator", phone: true },
  {
    name: "ways",
    as: "operator",
    path: async (page, demo) => {
      await asked(page, demo, "POST", "/api/v1/ways", {
        kind: "code",
        state: "gate-cards",
        title: "双十一卡片",
        by: "story",
        shifts: [
          { staff: ["guide-1"], hours: "mon-fri 09:00-18:00" },
          { staff: ["guide-2"], hours: "" },
        ],
      });
      return "/groups/ways";
    },
    ready: "table",
  },
  { name: "handover", path: "/tasks/handover", as: "operator", ready: "form" },
];
