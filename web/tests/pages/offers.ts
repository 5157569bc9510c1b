import { withOffers } from "../offers";
import type { Looked } from "../page";

const offer =
  (code: string): Looked["path"] =>
  async (page, demo) => {
    await withOffers(page, demo);
    return `/content/offers/${code}`;
  };

export const pages: Looked[] = [
  {
    name: "offers",
    path: async (page, demo) => {
      await withOffers(page, demo);
      return "/content/offers";
    },
    phone: true,
    ready: ".offer-bar",
  },
  { name: "offer", path: offer("story-sample"), phone: true, ready: ".offer-legend" },
  { name: "offer-packet", path: offer("story-packet"), ready: ".offer-legend" },
  {
    name: "offer-change",
    path: offer("story-sample"),
    ready: ".offer-legend",
    before: async (page) => {
      await page.locator(".offer-allotments tbody .ant-btn").first().click();
      await page.locator(".ant-modal form").waitFor();
    },
  },
  { name: "offer-gift", path: "/content/offers/face-mask", ready: "dl" },
];
