import { Alert, Button, Card, Flex, Form, Input, Typography } from "antd";
import { api, type Failure } from "@/api/client";
import { useSignIn } from "@/api/session";
import { useLanguage } from "@/ui/words";
import { LanguageSwitch } from "./switches";
import { useFrame } from "./words";

/** Drawn in the place of whatever page was asked for; afterwards that page is there. */
export default function SignIn() {
  const say = useFrame();
  const enter = useSignIn();
  const failure = enter.error;
  return (
    <main className="sign-in" id="main">
      <Card>
        <Flex justify="space-between" align="center">
          <Typography.Title level={1}>{say("sign_in_title")}</Typography.Title>
          <LanguageSwitch />
        </Flex>
        <Form
          layout="vertical"
          requiredMark={false}
          onFinish={(said: { code: string; password: string }) => enter.mutate({ body: said })}
        >
          {failure && <Alert role="alert" type="error" showIcon title={why(failure, say)} />}
          <Form.Item
            name="code"
            label={say("account")}
            extra={say("account_help")}
            rules={[{ required: true, message: say("missing") }]}
          >
            <Input autoComplete="username" autoCapitalize="off" autoFocus />
          </Form.Item>
          <Form.Item
            name="password"
            label={say("password")}
            rules={[{ required: true, message: say("missing") }]}
          >
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={enter.isPending}>
            {say("sign_in")}
          </Button>
        </Form>
        <OtherWays />
        <Typography.Paragraph type="secondary" className="sign-in-first">
          {say("first")}
        </Typography.Paragraph>
      </Card>
    </main>
  );
}

/** By a carrier that says who somebody is; the page that was asked for is there afterwards. */
function OtherWays() {
  const say = useFrame();
  const [language] = useLanguage();
  const asked = api.useQuery("get", "/api/v1/session/ways", {}, { staleTime: Infinity });
  const after = encodeURIComponent(window.location.pathname + window.location.search);
  return asked.data?.ways.map(({ path, title }) => (
    <Button key={path} block className="sign-in-way" href={`${path}?after=${after}`}>
      {say("sign_in_with", { carrier: title[language] })}
    </Button>
  ));
}

function why(failure: Failure, say: ReturnType<typeof useFrame>): string {
  if (failure.status === 429) return say("throttled", { seconds: failure.again ?? 60 });
  return failure.status === 401 ? say("wrong") : failure.message;
}
