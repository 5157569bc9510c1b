import { UserOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useNavigate } from "react-router";
import { useSession, useSignOut } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useMode } from "@/ui/theme";
import { useFrame } from "./words";

/** Who is here, light or dark, and the way out. */
export function Me() {
  const say = useFrame();
  const code = useCode();
  const [mode, setMode] = useMode();
  const { data: here } = useSession();
  const navigate = useNavigate();
  const leave = useSignOut(() => void navigate("/"));
  if (!here) return null;
  const items = [
    {
      key: "who",
      disabled: true,
      label: [here.name, here.role && code("role", here.role)].filter(Boolean).join(" · "),
    },
    { type: "divider" as const },
    { key: "account", label: say("me"), onClick: () => void navigate("/me") },
    {
      key: "mode",
      label: say(mode === "dark" ? "light" : "dark"),
      onClick: () => setMode(mode === "dark" ? "light" : "dark"),
    },
    { key: "leave", label: say("sign_out"), onClick: () => leave.mutate({}) },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button type="text" icon={<UserOutlined />} aria-label={say("me")}>
        <span className="wide-only">{here.name}</span>
      </Button>
    </Dropdown>
  );
}
