import { Alert, Button, Empty, Skeleton } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { Failure, type Place } from "@/api/client";
import { useCode } from "./codes";
import { useStates } from "./states.words";
import { useLanguage } from "./words";

type Asked<Data> = {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
};

type Found = { line: number | null; where: string; why: string; tone?: string };

/** Draws what was asked in all its states: loading, refused, failed, and what it is. */
export function Shown<Data>(props: {
  query: Asked<Data>;
  children: (data: Data) => ReactNode;
  rows?: number;
  back?: Back;
}) {
  const { query, children, rows = 6, back } = props;
  const say = useStates();
  if (query.data !== undefined && query.data !== null) return <>{children(query.data)}</>;
  if (query.error) return <Failed error={query.error} retry={() => query.refetch()} back={back} />;
  return (
    <div role="status" aria-label={say("loading")}>
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}

/** Where all things of its kind are: the way on from one that is not there. */
type Back = { to: string; label: string } | undefined;

/** Why something is not here, and what to do about it. */
export function Failed(props: { error: unknown; retry?: () => void; back?: Back }) {
  const { error, retry, back } = props;
  const say = useStates();
  const failure = error instanceof Failure ? error : new Failure(0, "error", String(error));
  const again = retry && <Button onClick={retry}>{say("again")}</Button>;
  if (failure.status === 403) return <Refused failure={failure} />;
  if (failure.status === 404)
    return (
      <Notice title={say("not_found")} why={say("not_found_why")}>
        {back && <Link to={back.to}>{back.label}</Link>}
      </Notice>
    );
  if (failure.code === "gone")
    return (
      <Notice title={say("gone")} why={say("gone_why")}>
        {again}
      </Notice>
    );
  return (
    <Notice title={inWords(failure, say)} why={failure.message}>
      {again}
    </Notice>
  );
}

/** One thing said in the middle of a page: what is the matter, why, and what can be done. */
export function Notice(props: { title: string; why?: ReactNode; children?: ReactNode }) {
  const { title, why, children } = props;
  return (
    <div className="notice" role="alert">
      <h2>{title}</h2>
      {why && <p className="quiet">{why}</p>}
      {children}
    </div>
  );
}

function Refused({ failure }: { failure: Failure }) {
  const say = useStates();
  const out = failure.code === "out_of_scope";
  return <Notice title={say(out ? "out_of_scope" : "refused")} why={useNeeded(failure)} />;
}

/** Which permission is missing, and whom to ask: those whose role has it. Empty where none is. */
function useNeeded(failure: Failure): string {
  const say = useStates();
  const [language] = useLanguage();
  const code = useCode();
  const needed = failure.problems.find((one) => one.where === "permission")?.why;
  if (!needed) return "";
  const roles = failure.problems.filter((one) => one.where === "role");
  const either = new Intl.ListFormat(language, { type: "disjunction" });
  const who = either.format(roles.map((one) => code("role", one.why)));
  return say("refused_needs", { permission: code("permission", needed), who });
}

/** What a press could not do, in a line above the form: the reason, then each field's. */
export function Problem({ error }: { error: unknown }) {
  const say = useStates();
  const failure = error instanceof Failure ? error : new Failure(0, "error", String(error));
  const needed = useNeeded(failure);
  if (!error) return null;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={inWords(failure, say)}
      description={needed || <Places detail={failure.message} problems={failure.problems} />}
    />
  );
}

export function Places({ detail, problems }: { detail: string; problems: readonly Place[] }) {
  const say = useStates();
  return (
    <>
      {detail && <div>{detail}</div>}
      {problems.map((one) => (
        <div key={`${one.line} ${one.where} ${one.why}`}>
          {one.line ? `${say("line", { line: one.line })} · ` : ""}
          {one.where ? <code>{one.where}</code> : null} {one.why}
        </div>
      ))}
    </>
  );
}

function inWords(failure: Failure, say: ReturnType<typeof useStates>): string {
  if (failure.status === 403)
    return say(failure.code === "out_of_scope" ? "out_of_scope" : "refused_act");
  if (failure.status === 404) return say("not_found");
  if (failure.code === "gone") return say("gone");
  if (failure.code === "under_way") return say("under_way");
  if (failure.status === 429 || failure.status === 503) return say("busy");
  if (failure.code === "overtaken") return say("conflict");
  if (failure.status === 422 || failure.status === 400) return say("bad_input");
  return say("failed");
}

/** Nothing is here yet: what it is for, and one action. */
export function Nothing({ what, children }: { what: ReactNode; children?: ReactNode }) {
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={what}>
      {children}
    </Empty>
  );
}

/** What is wrong with a text, by its lines, to stand below it; nothing where all is well. */
export function ByLine(props: { found: readonly Found[]; className: string }) {
  const say = useStates();
  if (!props.found.length) return null;
  return (
    <ul className={props.className} aria-live="polite">
      {props.found.map((one) => (
        <li key={`${one.line} ${one.where} ${one.why}`} className={one.tone}>
          {one.line !== null && <strong>{say("line", { line: one.line })}</strong>}{" "}
          <code>{one.where}</code> <span data-raw>{one.why}</span>
        </li>
      ))}
    </ul>
  );
}
