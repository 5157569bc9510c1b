import { words } from "@/ui/words";

export const useFrame = words("frame", {
  skip: ["跳到正文", "Skip to the content"],
  rail: ["主导航", "Main"],
  tabs: ["本栏页面", "Pages of this part"],
  language: ["English", "中文"],
  language_of: ["切换到英文", "Switch to Chinese"],
  dark: ["深色", "Dark"],
  light: ["浅色", "Light"],
  me: ["我的账号", "My account"],
  sign_out: ["退出登录", "Sign out"],
  sign_in: ["登录", "Sign in"],
  sign_in_with: ["用{{carrier}}登录", "Sign in with {{carrier}}"],
  sign_in_title: ["登录私域后台", "Sign in to Siyu"],
  account: ["账号", "Account"],
  account_help: [
    "企业微信账号，由管理员分配",
    "Your WeCom account, given to you by whoever manages staff",
  ],
  password: ["密码", "Password"],
  missing: ["请填写", "Please fill this in"],
  wrong: ["账号或密码不对", "Account or password is wrong"],
  throttled: ["尝试次数过多，请 {{seconds}} 秒后再试", "Too many tries; wait {{seconds}} seconds"],
  first: [
    "还没有账号？在服务器上运行 siyu account add",
    "No account yet? Run siyu account add on the server",
  ],
  api: ["接口文档", "API reference"],
});
