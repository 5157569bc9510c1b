import { words } from "@/ui/words";

export const useHandover = words("handover", {
  title: ["客户继承", "Hand friends over"],
  under: [
    "把一位成员的好友交给另一位。先数清楚，再开始；每批 100 位，可以随时停下、以后继续。",
    "Friends of one of us become another's. Counted first, then begun: a hundred at a time, stopped and continued as you like.",
  ],
  off: [
    "还没有连接企业微信。在「设置 · 连接与密钥」填好后，才能移交好友。",
    "WeCom is not connected. Fill in Settings, Connections first; then friends can be handed over.",
  ],
  giver: ["谁的好友", "Whose friends"],
  taker: ["交给谁", "To whom"],
  left: ["已离职", "Has left"],
  left_help: [
    "成员已在企业微信里离职时选上：客户不会收到提示，也不计次数。",
    "Where they have left in WeCom: customers are told nothing, and no limit counts.",
  ],
  words: ["给客户的提示", "What customers are told"],
  words_help: [
    "继承完成后由企业微信发给客户，最多 200 字；离职继承不发。留空用企业微信的默认文字。",
    "WeCom sends it when it is done, at most 200 characters; not where somebody has left. Empty: WeCom's own words.",
  ],
  missing: ["请选择", "Choose somebody"],
  count: ["先数一数", "Count first"],
  can: [
    "现在可以移交 {{count}} 位好友",
    "{{count}} friend can be given now",
    "{{count}} friends can be given now",
  ],
  c_waiting: [
    "{{count}} 位已移交，等企业微信生效（约一天）",
    "{{count}} given, settled within a day or so",
  ],
  c_resting: [
    "{{count}} 位 90 天内已移交过两次，暂不能再移交",
    "{{count}} were given twice within 90 days and can't be given again yet",
  ],
  c_done: ["{{count}} 位已完成", "{{count}} done"],
  c_refused: ["{{count}} 位客户拒绝，仍属原成员", "{{count}} said no and stay"],
  c_full: ["{{count}} 位因接替成员好友已满未成功", "{{count}} failed: the other can have no more"],
  c_failed: ["{{count}} 位未成功，可以再移交", "{{count}} failed and can be given again"],
  tasks_too: [
    "同时把 {{who}} 名下未完成的待办分给其他人。客户可以在企业微信里拒绝。",
    "What {{who}} has open goes to others at once. Customers may say no in WeCom.",
  ],
  begin: ["开始移交 {{count}} 位", "Give {{count}} friend", "Give {{count}} friends"],
  sure: [
    "{{count}} 位客户会收到变更提示，移交后不能一键撤回。确定吗？",
    "{{count}} customers will be told of it, and it can't be taken back at a press. Begin?",
  ],
  back: ["返回", "Back"],
  begun: [
    "已开始；{{moved}} 个待办已分给其他人，{{kept}} 个暂时没人能接",
    "Begun; {{moved}} tasks went to others, {{kept}} stay",
  ],
  past: ["近 90 天的移交", "Hand-overs of the last 90 days"],
  none: ["还没有移交过好友", "No friends have been handed over yet"],
  who: ["从谁到谁", "From whom to whom"],
  state: ["状态", "State"],
  running: ["进行中", "under way"],
  stopped: ["已停下", "stopped"],
  given: ["已全部提交", "all given"],
  failed: ["没能继续", "could not go on"],
  of_all: ["已提交 {{done}} / {{all}}", "{{done}} of {{all}} handed in"],
  became: ["结果", "What became of them"],
  began: ["开始", "Begun"],
  by: ["由谁", "By"],
  stop: ["停下", "Stop"],
  stop_why: ["正在进行的一批做完后停下", "It ends behind the hundred under way"],
  stopped_now: ["已停下", "Stopped"],
  go_on: ["继续", "Go on"],
});
