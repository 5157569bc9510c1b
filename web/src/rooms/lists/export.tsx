import { DownloadOutlined } from "@ant-design/icons";
import { Alert, AutoComplete, Button, Checkbox, Flex, Form, Input, Segmented } from "antd";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { save } from "@/ui/file";
import { Problem } from "@/ui/states";
import { type Kind, useLists } from "./words";

interface Values {
  kind: Exclude<Kind, "names">;
  tag: string;
  form: "xlsx" | "csv";
  phones: boolean;
  reason: string;
}

/** Who carries a tag, or is never contacted, as a file; what it is for is kept in the audit. */
export function Export() {
  const say = useLists();
  const may = useMay();
  const tags = api.useQuery("get", "/api/v1/customers/tags", {});
  const [form] = Form.useForm<Values>();
  const kind = Form.useWatch("kind", form);
  const phones = Form.useWatch("phones", form);
  const send = api.useMutation("post", "/api/v1/lists/export", {
    gcTime: 0, // a file of people is kept nowhere
    onSuccess: (found, asked) => {
      const { kind, form } = asked.body;
      save(`${kind}.${form}`, found as unknown as Blob);
      send.reset();
    },
  });
  return (
    <section className="panel" aria-label={say("export")}>
      <h2>{say("export")}</h2>
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ kind: "tags", tag: "", form: "xlsx", phones: false, reason: "" }}
        onFinish={(values) =>
          send.mutate({
            body: { ...values, tag: values.kind === "tags" ? (values.tag ?? "") : "", by: "" },
            parseAs: "blob",
          } as never)
        }
      >
        <Flex gap={24} wrap>
          <Form.Item name="kind" label={say("whom")}>
            <Segmented
              options={[
                { value: "tags", label: say("who_tagged") },
                { value: "blacklist", label: say("who_barred") },
              ]}
            />
          </Form.Item>
          {kind !== "blacklist" && (
            <Form.Item name="tag" label={say("tag")} extra={say("tag_any")}>
              <AutoComplete
                style={{ width: 240 }}
                options={(tags.data?.tags ?? []).map((value) => ({ value }))}
                showSearch={{
                  filterOption: (text, option) => String(option?.value ?? "").includes(text),
                }}
              />
            </Form.Item>
          )}
          <Form.Item name="form" label={say("as")}>
            <Segmented
              options={[
                { value: "xlsx", label: "Excel" },
                { value: "csv", label: "CSV" },
              ]}
            />
          </Form.Item>
        </Flex>
        <Form.Item
          name="reason"
          label={say("reason")}
          extra={say("reason_help")}
          rules={[{ required: true, whitespace: true, message: say("needed") }]}
        >
          <Input maxLength={300} style={{ maxWidth: 480 }} />
        </Form.Item>
        {may("customers.reveal") && (
          <Form.Item name="phones" valuePropName="checked">
            <Checkbox>{say("in_clear")}</Checkbox>
          </Form.Item>
        )}
        {phones && (
          <Alert
            type="warning"
            showIcon
            title={say("in_clear_why")}
            style={{ marginBottom: 16, maxWidth: 640 }}
          />
        )}
        <Flex vertical gap={12} align="flex-start">
          <Problem error={send.error} />
          <Button
            icon={<DownloadOutlined />}
            htmlType="submit"
            loading={send.isPending}
            danger={phones === true}
          >
            {say("take_out")}
          </Button>
        </Flex>
      </Form>
    </section>
  );
}
