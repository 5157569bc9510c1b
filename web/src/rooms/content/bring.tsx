import { InboxOutlined } from "@ant-design/icons";
import { Alert, Button, Drawer, Flex, Upload } from "antd";
import { useRef, useState } from "react";
import { parseDocument } from "yaml";
import { fetcher, useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { asBody } from "@/ui/file";
import { Problem } from "@/ui/states";
import { Findings } from "./edit";
import { useContent } from "./words";

type Checked = components["schemas"]["MaterialsChecked"];

interface Read {
  text: string;
  many: number;
  pictures: string[];
  missing: string[];
  other: string[];
  checked: Checked;
}

const PICTURE = /\.(jpe?g|png)$/i;
const TEXT = /\.ya?ml$/i;

/** A file of materials and the pictures beside it: looked at first, then all of it or nothing. */
export default function Bring({ close }: { close: () => void }) {
  const say = useContent();
  const may = useMay();
  const told = useDone();
  const [files, setFiles] = useState<File[]>([]);
  const [found, setFound] = useState<Read | null>(null);
  const [error, fail] = useState<unknown>(null);
  const latest = useRef(0);
  const take = useAct("post", "/api/v1/materials", {
    onSuccess: ({ materials, written }) => {
      told(say("bring_done", { count: materials, written: written.length }));
      close();
    },
  });
  const look = (chosen: File[]) => {
    setFiles(chosen);
    fail(null);
    const mine = ++latest.current;
    readAll(chosen)
      .then((read) => mine === latest.current && setFound(read))
      .catch((why: unknown) => mine === latest.current && fail(why));
  };
  const good = found && !found.missing.length && !found.checked.problems.length && found.many > 0;
  const put = (draft: boolean) =>
    found && take.mutate({ body: { text: found.text, draft, by: "" } });
  return (
    <Drawer
      open
      size="large"
      title={say("bring_title")}
      onClose={close}
      footer={
        <Flex gap={8} justify="end" wrap>
          {may("content.approve") && (
            <Button disabled={!good} loading={take.isPending} onClick={() => put(false)}>
              {say("bring_approved")}
            </Button>
          )}
          <Button
            type="primary"
            disabled={!good}
            loading={take.isPending}
            onClick={() => put(true)}
          >
            {say("bring_draft")}
          </Button>
        </Flex>
      }
    >
      <Flex vertical gap={12}>
        <p className="quiet">{say("bring_help")}</p>
        <Upload.Dragger
          multiple
          showUploadList={false}
          beforeUpload={(file, batch) => {
            if (file === batch.at(-1)) look(joined(files, batch));
            return false;
          }}
        >
          <p className="ant-upload-drag-icon">
            <InboxOutlined />
          </p>
          <p>{say("bring_drop")}</p>
        </Upload.Dragger>
        <Problem error={error ?? take.error} />
        {found && <Looked of={found} />}
      </Flex>
    </Drawer>
  );
}

function Looked({ of }: { of: Read }) {
  const say = useContent();
  return (
    <div role="status">
      <p data-raw>
        <strong>{say("bring_count", { count: of.many })}</strong>
        {of.pictures.length > 0 && ` · ${say("bring_pictures", { count: of.pictures.length })}`}
      </p>
      {of.missing.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={say("bring_missing", { names: of.missing.join("、") })}
        />
      )}
      {of.other.length > 0 && (
        <p className="quiet" data-raw>
          {say("bring_other", { names: of.other.join("、") })}
        </p>
      )}
      <Findings checked={of.checked} />
    </div>
  );
}

/** What was chosen before stays, so that pictures may follow the file; the same name again is the newer one. */
function joined(before: File[], chosen: File[]): File[] {
  const names = new Set(chosen.map((one) => one.name));
  return [...before.filter((one) => !names.has(one.name)), ...chosen];
}

/** The text with each picture named as the server calls it, and what the server says of it. */
async function readAll(files: File[]): Promise<Read> {
  const text = files.filter((one) => TEXT.test(one.name)).at(-1);
  const other = files.filter((one) => !TEXT.test(one.name) && !PICTURE.test(one.name));
  const said = (await text?.text()) ?? "";
  const doc = parseDocument(said);
  const list = doc.errors.length ? [] : (doc.toJS() as unknown);
  const rows: Record<string, unknown>[] = Array.isArray(list) ? list : [];
  const pictures = new Map(
    files.filter((one) => PICTURE.test(one.name)).map((one) => [one.name, one]),
  );
  const used = new Set<string>();
  const missing: string[] = [];
  for (const [place, row] of rows.entries()) {
    const name = typeof row?.picture === "string" ? row.picture : "";
    if (!name || name.includes("/") || TAKEN.test(name)) continue;
    const file = pictures.get(name);
    if (!file) missing.push(name);
    else {
      used.add(name);
      doc.setIn([place, "picture"], await kept(file));
    }
  }
  const whole = used.size ? doc.toString({ lineWidth: 0 }) : said;
  const { data } = await fetcher.POST("/api/v1/materials/check", {
    body: { text: whole, draft: false, by: "" },
  });
  return {
    text: whole,
    many: rows.length,
    pictures: [...used],
    missing,
    other: other.map((one) => one.name),
    checked: data ?? { problems: [], advice: [] },
  };
}

const TAKEN = /^[0-9a-f]{32}\.(jpg|png)$/; // was taken in before

async function kept(file: File): Promise<string> {
  const { data } = await fetcher.POST("/api/v1/materials/pictures", asBody(file) as never);
  return (data as { name: string } | undefined)?.name ?? file.name;
}
