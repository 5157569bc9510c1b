import { Descriptions, Flex, Tag } from "antd";
import { useSession } from "@/api/session";
import { useCode } from "@/ui/codes";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { ChangePassword } from "./password";
import { useStaff } from "./words";
import "./staff.css";

/** Who I am here, what I may do, whose customers I see; and my password. */
export function Component() {
  const say = useStaff();
  const code = useCode();
  const session = useSession();
  return (
    <Page title={say("me")}>
      <Shown query={session}>
        {(here) =>
          here && (
            <div className="columns me-columns">
              <section className="panel">
                <Descriptions
                  column={1}
                  size="small"
                  items={[
                    { key: "name", label: say("name"), children: here.name },
                    { key: "code", label: say("code"), children: <code>{here.code}</code> },
                    {
                      key: "role",
                      label: say("role"),
                      children: here.role ? code("role", here.role) : "—",
                    },
                    {
                      key: "sees",
                      label: say("sees"),
                      children: [code("scope", here.scope.kind), here.scope.name]
                        .filter(Boolean)
                        .join(" · "),
                    },
                    {
                      key: "may",
                      label: say("may"),
                      children: (
                        <Flex wrap gap={4}>
                          {here.permissions.map((one) => (
                            <Tag key={one} variant="filled">
                              {code("permission", one)}
                            </Tag>
                          ))}
                        </Flex>
                      ),
                    },
                  ]}
                />
              </section>
              <section className="panel" aria-labelledby="change-password">
                <h2 id="change-password">{say("change")}</h2>
                <ChangePassword />
              </section>
            </div>
          )
        }
      </Shown>
    </Page>
  );
}
