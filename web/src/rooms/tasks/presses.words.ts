import { words } from "@/ui/words";

export const usePresses = words("presses", {
  title: ["待发送", "To be sent"],
  under: [
    "群发要员工在企业微信里点「发送」，朋友圈要点「发表」：这里看谁还没点。系统不能代点。",
    "Staff press send for mass messages and publish Moments in WeCom: who has not yet. Nothing can press for them.",
  ],
  under_own: [
    "打开企业微信的「群发助手」或「客户朋友圈」点发送，客户才会收到。",
    "Open the mass message helper or the Moments of customers in WeCom and press send: only then do customers get it.",
  ],
  mine: ["等你发送", "Waiting for you to send"],
  not_connected: [
    "还没有连接企业微信，因此没有待发送的群发。",
    "WeCom is not connected, so there are no mass messages to send.",
  ],
  connect: ["去连接", "Connect it"],
  masses: ["群发", "Mass messages"],
  none: [
    "没有等待发送的群发。旅程里的群发创建后会出现在这里。",
    "No mass message waits to be sent. Those of journeys appear here once they are made.",
  ],
  no_text: ["内容已不可查", "What it says is not known any more"],
  carrier_chose: ["由企业微信指定", "WeCom chose who"],
  customers_wait: ["{{count}} 位客户等待", "{{count}} customer waits", "{{count}} customers wait"],
  groups_wait: ["{{count}} 个群等待", "{{count}} group waits", "{{count}} groups wait"],
  by_hand: ["群里要手动发的", "To be said in groups by hand"],
  by_hand_why: [
    "企业微信发不了的群消息：复制文字发到群里，再标记已发送。",
    "What WeCom can't send for you: copy the text into the group, then mark it as sent.",
  ],
  until: ["截止", "Until"],
  since: ["创建于", "Since"],
  ends: ["取消时间", "Called off"],
  reminded: ["已提醒 {{count}} 次", "reminded once", "reminded {{count}} times"],
  never: ["还没提醒过", "not reminded yet"],
  remind: ["提醒", "Remind"],
  remind_sure: [
    "企业微信会提醒还没发送的成员。24 小时内还可提醒 {{count}} 次。",
    "WeCom reminds whoever has not sent it. It can be done {{count}} more time within 24 hours.",
    "WeCom reminds whoever has not sent it. It can be done {{count}} more times within 24 hours.",
  ],
  remind_over: [
    "24 小时内已提醒 3 次，达到企业微信上限",
    "Reminded 3 times in 24 hours, which is all WeCom does",
  ],
  reminded_now: ["已请企业微信提醒", "WeCom was asked to remind them"],
  keep: ["不提醒", "Not now"],
  ahead: ["往后几天要发送的", "To be pressed on the days to come"],
  ahead_why: [
    "今日额度之外的群发，按价值先后排到往后几天；同一导购、同一内容只按一次。",
    "Beyond today's presses, best value first; one press serves everybody who gets the same text from a guide.",
  ],
  ahead_day: [
    "{{day}}：{{presses}} 次，{{touches}} 位客户",
    "{{day}}: {{presses}} presses, {{touches}} customers",
  ],
  budget: ["今日发送额度", "Presses today"],
  budget_left: ["{{name}}：{{used}} / {{most}}", "{{name}}: {{used}} of {{most}}"],
  moments: ["朋友圈待发表", "Moments to publish"],
  moments_why: [
    "企业微信不能提醒发表朋友圈：请直接找他们。",
    "WeCom has no reminder for Moments: tell them yourself.",
  ],
  moments_all: ["全部朋友圈", "All Moments"],
  lost: ["没有送达（28 天）", "Not sent (28 days)"],
  lost_none: [
    "28 天内没有未送达的群发",
    "Every mass message of 28 days reached its customers, or still waits",
  ],
  all: ["全部", "All"],
  customer: ["客户", "Customer"],
  nameless: ["未知姓名", "No name known"],
  reason: ["原因", "Why"],
  at: ["时间", "When"],
  material: ["素材", "Text"],
});
