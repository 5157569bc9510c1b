import { Button } from "antd";
import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { Page } from "@/ui/page";
import { Notice } from "@/ui/states";
import { useBoard } from "./board.words";
import Edit from "./edit";
import { BLANK } from "./edits";
import "./journeys.css";
import { Publish } from "./publish";
import { useTongue } from "./said";
import { useWriting } from "./writing";

const NEW = { code: "_new", text: BLANK, latest: 0 };

/** A journey that is to be: drawn from nothing, or written. */
export function Component() {
  const say = useBoard();
  const tongue = useTongue();
  const may = useMay();
  const go = useNavigate();
  const code = useCode();
  const writing = useWriting(NEW);
  const [asked, ask] = useState(false);
  const [kept, keep] = useState("");
  useEffect(() => {
    if (kept && !writing.edited) go(`/journeys/${kept}`);
  }, [kept, writing.edited, go]);
  if (!may("journeys.publish"))
    return (
      <Page title={say("new")}>
        <Notice title={say("may_not", { permission: code("permission", "journeys.publish") })}>
          <Link to="/journeys">{say("all")}</Link>
        </Notice>
      </Page>
    );
  return (
    <Page
      title={say("new")}
      under={say("new_under")}
      primary={
        <Button type="primary" disabled={!writing.good} onClick={() => ask(true)}>
          {tongue.say("publish")}
        </Button>
      }
    >
      <Edit detail={NEW} writing={writing} isNew />
      {asked && (
        <Publish
          title={tongue.in(writing.checked?.graph?.title)}
          text={writing.text}
          base={0}
          done={(said) => {
            ask(false);
            writing.keep(null);
            keep(said.code);
          }}
          close={() => ask(false)}
        />
      )}
    </Page>
  );
}
