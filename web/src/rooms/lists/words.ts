import { words } from "@/ui/words";

export type Kind = "tags" | "names" | "blacklist";
const FIELDS = ["external_userid", "phone", "member", "order_no", "shop", "tag"] as const;
export type FieldName = (typeof FIELDS)[number];

export const useLists = words("lists", {
  title: ["名单", "Lists of people"],
  under: [
    "用 Excel 或 CSV 打标签、导入名单、登记免打扰；也能导出",
    "Tags, names and who is not to be contacted, in and out as Excel or CSV",
  ],
  bring: ["导入名单", "Bring a list in"],
  what: ["种类", "Kind"],
  tags: ["标签", "Tags"],
  names: ["名单", "Names"],
  blacklist: ["免打扰", "Not to be contacted"],
  tags_help: [
    "每行一位客户，打上这一行写的标签，或全部打同一个标签。",
    "A customer per row, who gets the tag that the row says, or one tag for all.",
  ],
  names_help: [
    "一份名单就是一个标签：名单里的人都带上它，旅程和分群就能用。",
    "A list of names is one tag: everybody on it carries it, for journeys and segments to use.",
  ],
  blacklist_help: [
    "名单里的人不再收到任何触点的任何消息，以后才来的也一样。",
    "Who is on it gets no message on any channel any more, also who comes later.",
  ],
  tag: ["标签", "Tag"],
  tag_column: ["留空：每行自己写", "empty: each row says its own"],
  tag_needed: ["例如：会员日名单", "such as: members' day"],
  drop: ["把文件拖到这里，或点此选择", "Drop a file here, or press to choose one"],
  drop_kinds: [
    "CSV（UTF-8 或 GB18030）、Excel，最多 10 万行；每行用手机号、外部联系人 ID、会员号或店铺加订单号说明是谁",
    "CSV (UTF-8 or GB18030) or Excel, at most 100,000 rows; each names its person by phone, external user id, member number, or shop and order number",
  ],
  another: ["换一个文件", "Another file"],
  looking: ["正在查看文件…", "Looking at the file …"],

  columns: ["列与样例", "Columns and samples"],
  column_of: ["文件里的列", "Column of the file"],
  read_as: ["读作", "Read as"],
  samples: ["样例（个人信息已打码）", "Samples (personal values masked)"],
  not_read: ["不读取", "not read"],
  f_external_userid: ["外部联系人 ID", "external user id"],
  f_phone: ["手机号", "phone"],
  f_member: ["会员号", "member number"],
  f_order_no: ["订单号", "order number"],
  f_shop: ["店铺代码", "shop code"],
  f_tag: ["标签", "tag"],
  missing_who: [
    "没有一列能说明是谁：请在下面选出手机号、会员号、外部联系人 ID 或订单号。",
    "No column says who it is: choose the phone, member number, external user id or order number below.",
  ],
  missing_tag: [
    "还没有标签：在上面写一个，或在下面选出标签列。",
    "There is no tag yet: write one above, or choose the column of tags below.",
  ],
  here: ["行是已有客户", "rows of customers here"],
  fresh: ["行是新的人", "rows of new people"],
  known: ["已带这个标签", "carry the tag already"],
  unusable: ["不能用", "Not usable"],
  reasons: ["不能用的原因", "Why rows can't be used"],
  column: ["列", "Column"],
  why: ["原因", "Why"],
  rows: ["行", "Rows"],
  line: ["行号", "Line"],

  bring_in: ["导入 {{count}} 行", "Bring {{count}} row in", "Bring {{count}} rows in"],
  bar: ["设为免打扰：{{count}} 行", "Bar {{count}} row", "Bar {{count}} rows"],
  bar_title: [
    "{{count}} 行的人不再联系？",
    "Contact the people of {{count}} row no more?",
    "Contact the people of {{count}} rows no more?",
  ],
  bar_why: [
    "所有触点、所有用途的同意都会撤回。这不能整份撤销：只有客户自己能再次同意，逐位登记。",
    "Their consent to every channel and purpose is withdrawn. A list can't take that back: only the customer can say yes again, one by one.",
  ],
  back: ["返回", "Back"],
  going: ["正在导入", "Being brought in"],
  progress: ["{{done}} / {{total}} 行", "{{done}} of {{total}} rows"],
  told: [
    "已记下 {{taken}} 行，{{known}} 行原本就是这样",
    "{{taken}} rows taken; {{known}} said nothing new",
  ],
  refused: [
    "{{count}} 行不能用",
    "{{count}} row could not be used",
    "{{count}} rows could not be used",
  ],
  save_rejects: ["下载不能用的行", "Download rows that can't be used"],
  refused_rows: ["不能用的行", "Rows that can't be used"],

  export: ["导出名单", "Take a list out"],
  whom: ["谁", "Who"],
  who_tagged: ["带标签的客户", "who carries a tag"],
  who_barred: ["免打扰的客户", "who is not to be contacted"],
  tag_any: ["留空：所有标签", "empty: any tag"],
  as: ["格式", "As"],
  reason: ["用途", "What for"],
  reason_help: [
    "写进审计日志，连同导出了多少行",
    "Goes into the audit log, with how many rows went out",
  ],
  needed: ["必填", "needed"],
  in_clear: ["手机号不打码", "Phones in clear"],
  in_clear_why: [
    "文件里会有完整手机号。只发给需要的人，用完删除；审计会记下你导出了明文。",
    "The file will hold whole phone numbers. Give it only to who needs it and delete it; the audit notes that you took them in clear.",
  ],
  take_out: ["导出", "Take out"],

  history: ["导入过的名单", "Lists that came in"],
  no_lists: ["还没有导入过名单", "No list has come in yet"],
  at: ["时间", "When"],
  file: ["文件", "File"],
  taken: ["记下", "Taken"],
  by: ["谁", "By"],
  state: ["状态", "State"],
  in: ["已导入", "in"],
  under_way: ["导入中或已中断", "under way or interrupted"],
  undone: ["{{by}} 已撤回", "taken back by {{by}}"],
  undo: ["撤回标签", "Take tags back"],
  undo_title: ["撤回这份名单打的标签？", "Take back the tags of this list?"],
  undo_why: [
    "从这份名单打上标签的人（{{count}} 行）身上去掉它；之前就有的、之后又打上的会保留。",
    "They go from whom this list tagged ({{count}} row); who had the tag before, or got it anew since, keeps it.",
    "They go from whom this list tagged ({{count}} rows); who had the tag before, or got it anew since, keeps it.",
  ],
  taken_back: [
    "{{count}} 个标签已撤回",
    "{{count}} tag is taken back",
    "{{count}} tags are taken back",
  ],

  elsewhere: ["也是文件，在别处：", "Files too, elsewhere:"],
  gift_plans: ["配货清单（赠品计划）进出", "gift plans, out and in"],
  orders: ["导入订单", "orders in"],
  reveals: ["查号清单进出", "phones to look up, out and in"],
});

/** What a reason is about: a column of the file, or a field of ours that no column says. */
export function about(field: string, say: ReturnType<typeof useLists>): string {
  const ours = FIELDS.find((one) => one === field);
  return ours ? say(`f_${ours}`) : field;
}
