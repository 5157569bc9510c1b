import { Alert, Button, Flex, Popconfirm, Select, Typography } from "antd";
import { api, useAct } from "@/api/client";
import type { SchemaAtStore } from "@/api/schema";
import { useCode } from "@/ui/codes";
import { minute } from "@/ui/format";
import { Problem } from "@/ui/states";
import { Sees, State } from "./parts";
import type { Account, Person } from "./tree";
import { useStaff } from "./words";

type Kind = Account["scope"];
const SCOPES: Kind[] = ["head_office", "region", "store", "own"];

/** Whether somebody can sign in, and what they see. */
export function Access(props: {
  person: Person;
  account?: Account;
  stores: readonly SchemaAtStore[];
  manages: boolean;
}) {
  const { person, account, stores, manages } = props;
  const say = useStaff();
  const path = { params: { path: { who: person.code } } };
  const nobody = { by: "" }; // whoever is signed in
  // Not kept for a second press (a password is in the answer): the buttons rest while one is under way.
  const made = api.useMutation("post", "/api/v1/staff/{who}/account");
  const reset = api.useMutation("post", "/api/v1/staff/{who}/account/password");
  const change = useAct("put", "/api/v1/staff/{who}/account");
  const secret = reset.data ?? made.data;
  return (
    <section aria-labelledby="access">
      <h2 id="access">{say("account")}</h2>
      <Flex vertical gap={12}>
        <Problem error={made.error ?? reset.error ?? change.error} />
        {secret && (
          <Alert
            type="info"
            role="status"
            title={say("password_is", { name: person.name })}
            description={
              <>
                <Typography.Text copyable className="staff-secret" code>
                  {secret.password}
                </Typography.Text>
                <div>{say("password_once")}</div>
              </>
            }
          />
        )}
        {account ? (
          <>
            <Flex gap={12} wrap align="baseline">
              <State of={account} />
              <span className="quiet">
                {account.sessions ? say("sessions", { count: account.sessions }) : say("nowhere")}
              </span>
              {account.seen_at && <span className="quiet number">{minute(account.seen_at)}</span>}
            </Flex>
            {manages ? (
              <Scope
                account={account}
                stores={stores}
                busy={change.isPending}
                set={(scope, place) =>
                  change.mutate({
                    ...path,
                    body: { ...nobody, scope, place, active: account.active },
                  })
                }
              />
            ) : (
              <Sees of={account} />
            )}
            {manages && (
              <Flex gap={8} wrap>
                <Sure
                  title={say("reset_sure", { name: person.name })}
                  means={say("reset_means")}
                  act={() => reset.mutate({ ...path, body: nobody })}
                  label={say("new_password")}
                  busy={reset.isPending}
                />
                {account.active ? (
                  <Sure
                    danger
                    title={say("off_sure", { name: person.name })}
                    means={say("off_means")}
                    act={() =>
                      change.mutate({
                        ...path,
                        body: { ...nobody, ...kept(account), active: false },
                      })
                    }
                    label={say("switch_off")}
                    busy={change.isPending}
                  />
                ) : (
                  <Button
                    disabled={!person.active}
                    loading={change.isPending}
                    onClick={() =>
                      change.mutate({
                        ...path,
                        body: { ...nobody, ...kept(account), active: true },
                      })
                    }
                  >
                    {say("switch_on")}
                  </Button>
                )}
              </Flex>
            )}
          </>
        ) : (
          <Flex gap={12} align="center">
            <State of={undefined} />
            {manages && (
              <Button
                disabled={!person.active}
                loading={made.isPending}
                onClick={() =>
                  made.mutate({ ...path, body: { ...nobody, scope: null, place: "" } })
                }
              >
                {say("open_account")}
              </Button>
            )}
          </Flex>
        )}
      </Flex>
    </section>
  );
}

function kept(account: Account) {
  return { scope: account.scope_set, place: account.scope_set ? account.place : "" };
}

function Sure(props: {
  title: string;
  means: string;
  label: string;
  act: () => void;
  busy: boolean;
  danger?: boolean;
}) {
  const { title, means, label, act, busy, danger } = props;
  const say = useStaff();
  return (
    <Popconfirm
      title={title}
      description={means}
      okText={label}
      cancelText={say("cancel")}
      okButtonProps={{ danger: danger ?? false }}
      onConfirm={act}
    >
      <Button danger={danger ?? false} loading={busy}>
        {label}
      </Button>
    </Popconfirm>
  );
}

function Scope(props: {
  account: Account;
  stores: readonly SchemaAtStore[];
  busy: boolean;
  set: (scope: Kind | null, place: string) => void;
}) {
  const { account, stores, busy, set } = props;
  const say = useStaff();
  const code = useCode();
  const kind = account.scope_set;
  const regions = [...new Set(stores.map((one) => one.region).filter(Boolean))];
  const places =
    kind === "store"
      ? stores.map((one) => ({ value: one.code, label: one.name }))
      : regions.map((one) => ({ value: one, label: one }));
  return (
    <Flex gap={8} wrap align="center">
      <label htmlFor="scope">{say("sees")}</label>
      <Select
        id="scope"
        style={{ minWidth: 150 }}
        loading={busy}
        disabled={busy}
        value={kind ?? ""}
        onChange={(next) => set((next || null) as Kind | null, "")}
        options={[
          { value: "" as const, label: say("scope_usual") },
          ...SCOPES.map((one) => ({ value: one, label: code("scope", one) })),
        ]}
      />
      {(kind === "store" || kind === "region") && (
        <Select
          aria-label={say("place")}
          style={{ minWidth: 150 }}
          disabled={busy}
          value={account.place}
          onChange={(next) => set(kind, next)}
          options={places}
        />
      )}
    </Flex>
  );
}
