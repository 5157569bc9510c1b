import { words } from "@/ui/words";

export const useCalendar = words("calendar", {
  title: ["内容日历", "Content calendar"],
  under: [
    "什么时候发什么：定时旅程、节日等待、朋友圈，以及素材和权益的到期",
    "What goes out when: scheduled journeys, waits for festivals, Moments, and what ends",
  ],
  month: ["月", "Month"],
  week: ["周", "Week"],
  today: ["今天", "Today"],
  before: ["往前", "Earlier"],
  after: ["往后", "Later"],
  kinds: ["显示", "Show"],
  every_kind: ["全部类型", "All kinds"],
  kind_entry: ["旅程进人", "Journeys take people in"],
  kind_step: ["旅程步骤", "Steps of journeys"],
  kind_moment: ["朋友圈", "Moments"],
  kind_group: ["社群日历", "Groups"],
  kind_material_from: ["素材开始", "Materials begin"],
  kind_material_until: ["素材到期", "Materials end"],
  kind_offer_end: ["权益到期", "Promises lapse"],
  kind_festival: ["节日", "Festivals"],
  entry: ["{{title}}", "{{title}}"],
  step: ["{{title}} · 等这一天的人往下走", "{{title}} · those who wait for this day go on"],
  moment: ["朋友圈：{{title}}", "Moment: {{title}}"],
  group: ["{{title}}", "{{title}}"],
  material_from: ["素材开始：{{title}}", "Begins: {{title}}"],
  material_until: ["素材最后一天：{{title}}", "Last day: {{title}}"],
  offer_end: [
    "{{count}} 份 {{title}} 到期",
    "{{count}} {{title}} lapses",
    "{{count}} {{title}} lapse",
  ],
  festival: ["{{title}}", "{{title}}"],
  more: ["还有 {{count}} 项", "{{count}} more", "{{count}} more"],
  nothing: ["这段时间没有安排", "Nothing stands in these days"],
  nothing_why: [
    "定时旅程（every）、朋友圈和有有效期的素材会出现在这里。",
    "Scheduled journeys (every), Moments and materials with days appear here.",
  ],
  list_of: ["{{day}} 的安排", "What stands on {{day}}"],
  is_today: ["今天", "today"],
  all_day: ["全天", "all day"],
  close: ["关闭", "Close"],
});

export type Say = ReturnType<typeof useCalendar>;
