import { words } from "./words";

export const useStates = words("states", {
  loading: ["正在加载…", "Loading…"],
  again: ["重试", "Try again"],
  refused: ["您没有查看这里的权限", "You may not see this"],
  refused_act: ["您没有做这件事的权限", "You may not do this"],
  refused_needs: [
    "需要权限：{{permission}}。请找{{who}}处理。",
    "It needs the permission: {{permission}}. Ask somebody who is {{who}}.",
  ],
  out_of_scope: [
    "这里是全品牌的数据，您的账号只能看自己范围内的客户",
    "This shows the whole brand; your account sees its own customers only",
  ],
  not_found: ["这里没有这样的内容", "There is no such thing here"],
  not_found_why: [
    "可能已合并、已删除，或不在您的范围内。",
    "It may have been merged or removed, or it is outside your scope.",
  ],
  gone: ["连不上服务器", "The server is out of reach"],
  gone_why: [
    "已经填写的内容还在。网络恢复后请重试。",
    "What you have written is kept. Try again when the connection is back.",
  ],
  busy: ["服务器正忙，请稍候再试", "The server is busy; try again in a moment"],
  conflict: [
    "别处刚刚改过，请刷新后再试",
    "It was changed elsewhere meanwhile; reload and try again",
  ],
  under_way: ["同样的操作正在进行", "The same is under way already"],
  bad_input: ["有内容需要改正", "Something has to be corrected"],
  failed: ["没有做成，什么都没有改变", "It was not done; nothing has changed"],
  line: ["第 {{line}} 行", "line {{line}}"],
  more: ["加载更多", "Load more"],
  all_shown: ["已全部显示", "That is all"],
  unknown_page: ["没有这个页面", "There is no such page"],
  home: ["回到概览", "Back to the start"],
});
