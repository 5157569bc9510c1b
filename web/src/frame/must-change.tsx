import { Card, Flex, Typography } from "antd";
import { ChangePassword } from "@/rooms/staff/password";
import { useStaff } from "@/rooms/staff/words";
import { LanguageSwitch } from "./switches";

/** Drawn instead of every page until a password that somebody else has seen is changed. */
export function MustChange() {
  const say = useStaff();
  return (
    <main className="sign-in" id="main">
      <Card>
        <Flex justify="space-between" align="center">
          <Typography.Title level={1}>{say("change_first")}</Typography.Title>
          <LanguageSwitch />
        </Flex>
        <Typography.Paragraph type="secondary">{say("change_why")}</Typography.Paragraph>
        <ChangePassword />
      </Card>
    </main>
  );
}
