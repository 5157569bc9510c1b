import { App, Button, Drawer, Flex, Form, Input, Select, Upload } from "antd";
import { type Dispatch, type SetStateAction, useState } from "react";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { Problem } from "@/ui/states";
import { useStaffNames } from "./list";
import { useMoments } from "./words";

type Plan = components["schemas"]["MomentPlan"];

interface Said {
  text?: string;
  link?: string;
  title?: string;
  members?: string[];
  tags?: string[];
}

/** A file that WeCom has by now: what it calls it, and how it looks here. */
interface Held {
  name: string;
  url: string;
  video: boolean;
}

const TAKEN = "image/jpeg,image/png,video/mp4";

/** Write one, look at it and at whom it asks, have it made. */
export default function Write({ close }: { close: () => void }) {
  const say = useMoments();
  const { message } = App.useApp();
  const [form] = Form.useForm<Said>();
  const [files, setFiles] = useState<Held[]>([]);
  const [planned, setPlanned] = useState<Plan>();
  const plan = api.useMutation("post", "/api/v1/moments/plan", { onSuccess: setPlanned });
  const make = api.useMutation("post", "/api/v1/moments", {
    onSuccess: () => {
      void message.success(say("made"));
      close();
    },
  });
  const moment = () => {
    const { text = "", link = "", title = "", members = [], tags = [] } = form.getFieldsValue(true);
    return { text, link, title, members, tags, media: files.map((one) => one.name), by: "" };
  };
  return (
    <Drawer
      open
      onClose={close}
      size={480}
      title={say(planned ? "preview" : "write")}
      destroyOnHidden
      footer={
        <Flex gap={8} justify="end">
          {planned ? (
            <>
              <Button onClick={() => setPlanned(undefined)}>{say("back")}</Button>
              <Button
                type="primary"
                disabled={planned.members.length === 0}
                loading={make.isPending}
                onClick={() => make.mutate({ body: moment() })}
              >
                {say("ask_them")}
              </Button>
            </>
          ) : (
            <Button
              type="primary"
              loading={plan.isPending}
              onClick={() => plan.mutate({ body: moment() })}
            >
              {say("preview")}
            </Button>
          )}
        </Flex>
      }
    >
      <Problem error={planned ? make.error : plan.error} />
      {planned && <Preview of={moment()} files={files} plan={planned} />}
      <Form<Said> form={form} layout="vertical" hidden={planned !== undefined}>
        <Form.Item name="text" label={say("text")} extra={say("text_help")}>
          <Input.TextArea rows={5} maxLength={2000} showCount autoFocus />
        </Form.Item>
        <Form.Item label={say("files")} extra={say("files_help")}>
          <Files files={files} set={setFiles} />
        </Form.Item>
        <Form.Item name="link" label={say("link")} extra={say("link_help")}>
          <Input inputMode="url" placeholder="https://" />
        </Form.Item>
        <Form.Item name="title" label={say("link_title")}>
          <Input maxLength={64} />
        </Form.Item>
        <Range />
      </Form>
    </Drawer>
  );
}

/** Who publishes it, and who can see it. */
function Range() {
  const say = useMoments();
  const staff = api.useQuery("get", "/api/v1/staff");
  const tags = api.useQuery("get", "/api/v1/moments/tags");
  const people = (staff.data?.staff ?? []).filter((one) => one.active);
  const search = { optionFilterProp: "label" };
  return (
    <>
      <Form.Item name="members" label={say("members")} extra={say("members_help")}>
        <Select
          mode="multiple"
          showSearch={search}
          options={people.map((one) => ({ value: one.code, label: one.name }))}
        />
      </Form.Item>
      <Form.Item name="tags" label={say("tags")} extra={say("tags_help")}>
        <Select
          mode="multiple"
          showSearch={search}
          loading={tags.isPending}
          options={(tags.data?.tags ?? []).map((one) => ({ value: one, label: one }))}
        />
      </Form.Item>
    </>
  );
}

/** Each file is handed over as it is chosen, so what WeCom would not take is said at once. */
function Files({ files, set }: { files: Held[]; set: Dispatch<SetStateAction<Held[]>> }) {
  const say = useMoments();
  const put = api.useMutation("post", "/api/v1/moments/media");
  return (
    <Flex vertical gap={8}>
      <Problem error={put.error} />
      <Upload
        accept={TAKEN}
        listType="picture"
        fileList={files.map(({ name, url }, place) => ({
          uid: name,
          name: String(place + 1),
          thumbUrl: url,
          status: "done" as const,
        }))}
        onRemove={(file) => set((now) => now.filter((one) => one.name !== file.uid))}
        beforeUpload={(file) => {
          void put
            .mutateAsync({
              body: file as unknown as string,
              bodySerializer: (body) => body as unknown as BodyInit,
              headers: { "Content-Type": "application/octet-stream" },
            })
            .then(({ name }) => {
              const held = { name, url: URL.createObjectURL(file), video: isVideo(file) };
              set((now) => [...now.filter((one) => one.name !== name), held]);
            })
            .catch(() => {}); // said above
          return false;
        }}
      >
        <Button loading={put.isPending}>{say("add_file")}</Button>
      </Upload>
    </Flex>
  );
}

function isVideo(file: File): boolean {
  return file.type.startsWith("video/");
}

function Preview(props: {
  of: { text: string; link: string; title: string; tags: string[] };
  files: Held[];
  plan: Plan;
}) {
  const { of, files, plan } = props;
  const say = useMoments();
  const named = useStaffNames();
  const left = Object.entries(plan.left_out);
  return (
    <Flex vertical gap={12}>
      <div className="panel moment-preview" data-raw>
        {of.text}
        <div className="moment-pictures">
          {files.map(({ name, url, video }) =>
            video ? (
              // biome-ignore lint/a11y/useMediaCaption: what somebody has just chosen
              <video key={name} src={url} />
            ) : (
              <img key={name} src={url} alt="" />
            ),
          )}
        </div>
        {of.link && (
          <div>
            {of.title} <span className="quiet small">{of.link}</span>
          </div>
        )}
      </div>
      <strong>{say("will_ask", { count: plan.members.length })}</strong>
      <div className="quiet">{plan.members.map(named).join("、")}</div>
      <div>
        {of.tags.length ? say("only_tags", { tags: of.tags.join("、") }) : say("all_friends")}
      </div>
      {left.length > 0 && (
        <div className="tone-waits">
          {say("left_out")}：{left.map(([who, why]) => `${named(who)} ${say(why)}`).join("、")}
        </div>
      )}
      <div className="quiet small">{say("confirmed")}</div>
    </Flex>
  );
}
