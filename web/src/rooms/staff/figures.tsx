import { Descriptions } from "antd";
import { api } from "@/api/client";
import { Count, Rate } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { useStaff } from "./words";

const DAYS = 28;

/** What WeCom counted of somebody; nothing is drawn of whom nothing is known. */
export function Figures({ code }: { code: string }) {
  const say = useStaff();
  const [language] = useLanguage();
  const { data } = api.useQuery("get", "/api/v1/staff/figures", {
    params: { query: { days: DAYS } },
  });
  const found = data?.staff.find((one) => one.code === code);
  if (!found) return null;
  const minutes = found.reply_minutes?.toLocaleString(language, { maximumFractionDigits: 1 });
  const count = (of: number | null) => (of === null ? "—" : <Count of={of} />);
  const items = [
    { key: "chats", label: say("chats"), children: count(found.chats) },
    { key: "messages", label: say("messages"), children: count(found.messages) },
    { key: "replied", label: say("replied"), children: <Rate of={found.reply_share} /> },
    { key: "minutes", label: say("reply_minutes"), children: minutes ?? "—" },
    { key: "added", label: say("added"), children: count(found.added) },
    { key: "asked", label: say("asked"), children: count(found.asked) },
    { key: "lost", label: say("lost"), children: count(found.lost) },
    { key: "groups", label: say("groups"), children: count(found.groups) },
    { key: "members", label: say("group_members"), children: count(found.members) },
    { key: "group_messages", label: say("group_messages"), children: count(found.group_messages) },
  ];
  return (
    <section aria-label={say("figures")}>
      <h2>{say("figures")}</h2>
      <p className="quiet small">{say("figures_of", { days: found.days, span: DAYS })}</p>
      <Descriptions size="small" column={2} items={items} />
    </section>
  );
}
