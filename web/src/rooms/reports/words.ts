import { words } from "@/ui/words";

export const useReports = words("reports", {
  cascade: ["下单的客户，加成好友了吗？", "Did buyers become friends?"],
  cost: ["加一个好友，花了多少钱？", "What did a new friend cost?"],
  withheld: ["哪些触达没有发出，为什么？", "What was not sent, and why?"],

  all: ["想知道什么？", "What do you want to know?"],
  all_under: [
    "每个问题一张报表，按全部历史数据计算",
    "One report for each question, over all years",
  ],
  no_report: ["没有这张报表。", "There is no such report."],
  html: ["下载网页", "Download page"],
  ask: ["查询", "Work it out"],
  yes: ["是", "Yes"],
  no: ["否", "No"],
  of_whom: ["统计范围", "Of whom"],
  no_rows: [
    "没有可列的数据：原因见上面的结论和页末的说明。",
    "Nothing to list: the answer above and the notes say why.",
  ],
  more_rows: [
    "共 {{all}} 行，这里是前 {{shown}} 行；CSV 里是全部。",
    "The first {{shown}} of {{all}} rows; the CSV holds all.",
  ],
  span: ["{{first}} 至 {{last}}", "{{first}} to {{last}}"],
  span_to: ["截至 {{last}}", "up to {{last}}"],
  span_from: ["自 {{first}} 起", "since {{first}}"],
  csv: ["下载 CSV", "Download CSV"],
  png: ["下载图片", "Download picture"],
  definitions: ["口径", "Definitions"],
  population: [
    "{{first}} 至 {{last}} 首次下单的客户，各观察 {{days}} 天",
    "Buyers who first ordered {{first}} to {{last}}, each watched for {{days}} days",
  ],
  touches_of: ["{{first}} 至 {{last}} 产生的触达意愿", "Touches wished for {{first}} to {{last}}"],
  as_of: ["统计于", "as of"],
  waiting: [
    "{{count}} 条事件待入账",
    "{{count}} event not applied yet",
    "{{count}} events not applied yet",
  ],
  working: [
    "正在统计，已用 {{seconds}} 秒；下面是上一次的结果。",
    "Being worked out, {{seconds}} s so far; below is the last result.",
  ],
  working_first: ["正在统计，已用 {{seconds}} 秒…", "Being worked out, {{seconds}} s so far …"],

  days_7: ["近 7 天", "7 days"],
  days_28: ["近 28 天", "28 days"],
  days_90: ["近 90 天", "90 days"],
  from: ["起始日", "From"],
  to: ["截止日", "To"],
  source: ["来源", "Source"],
  all_sources: ["全部来源", "All sources"],
  shop: ["店铺", "Shop"],
  all_shops: ["全部店铺", "All shops"],

  answer: [
    "范围内 {{buyers}} 位买家，{{friends}} 位加为好友：加微率 {{rate}}（95% 区间 {{low}}–{{high}}）。",
    "Of {{buyers}} buyers in scope {{friends}} became friends: {{rate}} (95% interval {{low}} to {{high}}).",
  ],
  answer_none: ["这段时间范围内没有买家。", "There was no buyer in scope in this time."],
  lift_up: [
    "比对照组高 {{points}} 个百分点（{{low}}–{{high}}）。",
    "That is {{points}} points more than in the hold-out ({{low}} to {{high}}).",
  ],
  lift_open: [
    "与对照组相差 {{points}} 个百分点（{{low}}–{{high}}）：还看不出差别。",
    "{{points}} points from the hold-out ({{low}} to {{high}}): no difference can be seen yet.",
  ],
  still_open: ["观察期未满、还可能加上：", "Still within their window, and may yet add:"],
  unmatched: [
    "同期另有 {{count}} 位新好友未能匹配到订单。",
    "{{count}} more new friend of the time could not be matched to an order.",
    "{{count}} more new friends of the time could not be matched to an order.",
  ],
  raced: [
    "{{count}} 次触达在加好友之后才发出（当时还不知道），最长相差 {{seconds}} 秒。",
    "{{count}} touch raced the add, by {{seconds}} s at most.",
    "{{count}} touches raced the add, by {{seconds}} s at most.",
  ],

  fell: ["下降", "fell"],
  fell_reached: [
    "{{step}}：触达率从 {{was}} 降到 {{now}}（尚未加好友的 {{of}} 位中触达 {{people}} 位），两期的 95% 区间不重叠。",
    "{{step}} reached {{now}} instead of {{was}} ({{people}} of {{of}} who were no friends yet); the 95% intervals do not meet.",
  ],
  fell_won: [
    "{{step}}：触达后的加好友率从 {{was}} 降到 {{now}}（{{of}} 位中 {{people}} 位），两期的 95% 区间不重叠。",
    "{{step}} won {{now}} of whom it reached instead of {{was}} ({{people}} of {{of}}); the 95% intervals do not meet.",
  ],
  why_withheld: [
    "可能的原因：因“{{reason}}”未发送的变多了。",
    "Likely cause: more were withheld, “{{reason}}”.",
  ],
  why_failed: ["可能的原因：发送失败的变多了。", "Likely cause: more of them failed."],
  why_paused: ["可能的原因：该触点已暂停。", "Likely cause: a pause."],
  why_provider: ["可能的原因：服务商不接收。", "Likely cause: the provider takes nothing."],
  why_waiting: [
    "可能的原因：还有更多在等待发送。",
    "Likely cause: more of them are still waiting.",
  ],
  why_earlier: [
    "可能的原因：前面的“{{reason}}”触达的人少了。",
    "Likely cause: {{reason}}, before it, reached fewer.",
  ],
  same_age: ["上一期按同样的观察时长计。", "The period before is counted at the same age."],

  behind_buyers: ["下单客户", "Buyers"],
  behind_friends_before: ["下单时已是好友", "Friends already"],
  behind_not_admitted: ["不在准入范围", "Not admitted"],
  behind_holdout: ["对照组", "Held out"],
  behind_holdout_friends: ["对照组中加上的好友", "Friends among the held out"],
  behind_in_scope: ["在范围内", "In scope"],
  behind_friends: ["新增好友", "New friends"],
  behind_still_open: ["观察期未满", "Still open"],
  behind_invited: ["已触达", "Invited"],
  behind_invited_friends: ["已触达中加上的好友", "Friends among the invited"],
  behind_reached: ["触达的客户", "Reached"],
  behind_won: ["新增好友", "New friends"],
  behind_unmatched: ["未匹配好友", "Friends not matched"],
  behind_withheld: ["未发送的触达", "Touches not sent"],
  customer: ["客户", "Customer"],
  phone: ["手机", "Phone"],
  unnamed: ["未留姓名", "no name"],
  nobody: ["没有。", "None."],
  whom: ["这个数字背后的客户", "The people behind this number"],
  whom_all: ["现在共 {{count}} 位。", "{{count}} customer now.", "{{count}} customers now."],
  whom_first: [
    "现在共 {{count}} 位，这里是前 {{shown}} 位。",
    "The first {{shown}} of {{count}} customer now.",
    "The first {{shown}} of {{count}} customers now.",
  ],
  whom_now: [
    "报表统计之后若有新数据，人数会与报表中的不同。",
    "What has come in since the report was worked out is in it.",
  ],
  at_ordered: ["下单", "Ordered"],
  at_added: ["加好友", "Added"],
  at_reached: ["首次触达", "First reached"],
  at_wished: ["产生意愿", "Wished for"],

  step: ["步骤", "Step"],
  figure: ["指标", "Figure"],
  people: ["人数", "People"],
  friends: ["新增好友", "New friends"],
  rate: ["比率", "Rate"],
  before: ["上一期", "Period before"],
  interval: ["95% 区间", "95% interval"],
  touches: ["触达次数", "Touches"],
  funnel_of: ["漏斗：人数", "Funnel: people"],
  this_period: ["本期", "This period"],
  last_period: ["上一期", "Period before"],

  cost_answer: [
    "新增 {{friends}} 位好友，共花费 {{cost}}，平均每位 {{each}}。",
    "{{friends}} new friends for {{cost}}: {{each}} each.",
  ],
  cost_none: [
    "这段时间没有新增好友，花费 {{cost}}。",
    "No new friend in this time; {{cost}} was spent.",
  ],
  kind: ["成本类型", "Kind of cost"],
  quantity: ["数量", "Quantity"],
  amount: ["金额", "Amount"],
  each: ["单个加粉成本", "Per new friend"],
  total: ["合计", "All"],
  cost_by_step: ["各步骤的成本", "Cost by step"],
  no_cost: ["这段时间没有花费。", "Nothing was spent in this time."],

  withheld_answer: [
    "{{wished}} 次触达意愿中有 {{withheld}} 次没有发出（{{share}}）。最常见的原因：{{reason}}。",
    "{{withheld}} of {{wished}} touches were not sent ({{share}}). Most often: {{reason}}.",
  ],
  withheld_none: [
    "{{wished}} 次触达意愿，全部可以发出。",
    "None of {{wished}} touches was withheld.",
  ],
  reason: ["原因", "Reason"],
  channel: ["触点", "Channel"],
  purpose: ["用途", "Purpose"],
  day: ["日期", "Day"],
  by_day: ["按天和原因", "By day and reason"],
  none: [
    "这段时间还没有数据。换一个时间段看看。",
    "There is nothing in this time. Try another one.",
  ],

  step_sms: ["短信", "SMS"],
  step_call: ["AI 外呼", "AI call"],
  step_request: ["好友申请", "friend request"],
  step_human: ["人工外呼", "human call"],
  step_card: ["包裹卡片", "parcel card"],
  step_gift: ["赠品", "gift"],
  step_other: ["其他入口", "another door"],

  d_buyers: [
    "这段时间有有效付款订单的客户，每人只算一次；访客订单不算。退款、取消的订单无论何时都不算。",
    "Distinct customers with a paid order in the time that still stands; guests are nobody. Refunds take an order out whenever they come.",
  ],
  d_friends_before: ["下单时已经是好友。", "Friends at every one of these orders."],
  d_not_admitted: [
    "来源规则或试运行没有纳入，或订单是作为历史导入的。",
    "Kept out by the source's rule or a pilot, or brought in as history.",
  ],
  d_holdout: [
    "随机留出、不触达的一组，用来看没有我们时会怎样。",
    "Drawn at random and left alone: what happens without us.",
  ],
  d_in_scope: [
    "下单时不是好友、符合准入、不在对照组的买家，不论是否触达得到。",
    "No friend at an order, admitted, not held out; reachable or not.",
  ],
  d_invited: [
    "范围内至少收到一次触达或卡片的买家。",
    "Of those in scope, whom at least one touch or card reached.",
  ],
  d_step: [
    "该步骤触达的人数；新增好友归于其渠道活码所属的步骤，否则归于加好友前的最后一步。",
    "People whom the step reached. A friend counts for the step of the code they came by, else for the last one before.",
  ],
  d_add_rate: [
    "首单后 14 天内加为好友的人数 ÷ 范围内的买家。区间为 Wilson 95%。",
    "Friends added within 14 days of their own first order ÷ buyers in scope. Wilson interval, 95%.",
  ],
  d_add_rate_invited: ["同上，只看已触达的买家。", "The same among the invited."],
  d_lift: [
    "范围内加微率 − 对照组加微率。区间为 Newcombe 95%。",
    "Add rate in scope − add rate of the hold-out. Newcombe interval, 95%.",
  ],
  d_raced: [
    "客户已加好友、系统尚不知道时发出的触达。",
    "Touches that went out after the add and before anybody knew.",
  ],
  d_unmatched: [
    "同期新增、但无法确认是哪位买家的好友：单独计数，不计入加微率。",
    "Friends of the same time of whom nothing says which buyer they are: counted beside, never among.",
  ],
  d_still_open: [
    "还没加、且 14 天观察期未满的买家：加微率还会上升。",
    "No friend yet, and their 14 days have not ended: the rate can still rise.",
  ],
  d_cost_per_add: [
    "范围内买家（含订单后来取消的）首单后 14 天内的全部物理成本 ÷ 新增好友。",
    "All physical costs on the buyers in scope (also those whose order is gone again) within 14 days of their first order ÷ friends added.",
  ],
  d_wished: ["旅程希望发出的全部触达。", "All touches that journeys wished for."],
  d_withheld: [
    "裁决后没有发出的触达，按产生意愿的日期计。",
    "Those of them that were ruled out, by the day of the wish.",
  ],
});
