import { useMay, useSession } from "@/api/session";

/** May whoever is here do this for the whole brand? Who sees only a part of it does not ask. */
export function useWhole(): (permission: string) => boolean {
  const may = useMay();
  const { data: here } = useSession();
  return (permission) => may(permission) && here?.scope.kind === "head_office";
}
