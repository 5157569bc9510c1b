import { SettingOutlined } from "@ant-design/icons";
import type { Room, Tab } from "@/ui/room";

const UNDER = "/settings";
const tab = (page: string, label: Tab["label"], order: number, needs: string): Tab => ({
  under: UNDER,
  path: `${UNDER}/${page}`,
  label,
  order,
  needs: [needs],
});

export const room: Room = {
  rail: {
    path: UNDER,
    label: ["设置", "Settings"],
    icon: <SettingOutlined />,
    order: 7,
    needs: ["settings.read", "budget.read", "events.read", "audit.read", "staff.manage"],
  },
  routes: [
    { path: UNDER, lazy: () => import("./index") },
    { path: `${UNDER}/shops`, lazy: () => import("./shops") },
    { path: `${UNDER}/rules`, lazy: () => import("./rules") },
    { path: `${UNDER}/prices`, lazy: () => import("./prices") },
    { path: `${UNDER}/connections`, lazy: () => import("./connections") },
    { path: `${UNDER}/connections/:connector`, lazy: () => import("./connection") },
    { path: `${UNDER}/parked`, lazy: () => import("./parked") },
    { path: `${UNDER}/audit`, lazy: () => import("./audit") },
    { path: `${UNDER}/subscribers`, lazy: () => import("./subscribers") },
  ],
  tabs: [
    tab("shops", ["店铺与政策", "Shops"], 1, "settings.read"),
    tab("rules", ["触达规则", "Rules of contact"], 2, "budget.read"),
    tab("prices", ["价格", "Prices"], 3, "settings.read"),
    tab("connections", ["连接与密钥", "Connections & keys"], 5, "settings.read"),
    tab("parked", ["搁置事件", "Parked events"], 6, "events.read"),
    tab("subscribers", ["订阅方", "Subscribers"], 7, "subscribers.read"),
    tab("audit", ["审计日志", "Audit log"], 8, "audit.read"),
  ],
};
