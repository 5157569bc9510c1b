/** Those that run, then those that are proposed in the order in which to start, then the others. */
export function ordered<Row extends { playbook: string; state: string }>(
  rows: readonly Row[],
  picks: readonly { playbook: string }[],
): Row[] {
  const place = ({ playbook, state }: Row) => {
    if (state === "running") return -1;
    const at = picks.findIndex((one) => one.playbook === playbook);
    return at < 0 ? picks.length : at;
  };
  return [...rows].sort(
    (one, other) => place(one) - place(other) || (one.playbook < other.playbook ? -1 : 1),
  );
}
