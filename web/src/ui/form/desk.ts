import type { Place } from "@/api/client";
import type { useHistory } from "@/ui/text/history";
import type { Doc } from "@/ui/text/yaml";
import { type Language, useLanguage } from "@/ui/words";
import { drawn, type FormName, placed } from "./asks";
import { useForm } from "./form.words";
import { type Known, useKnown } from "./known";

/** What all fields of a form share: the text, what it says, what is wrong where, what there is. */
export interface Desk {
  say: ReturnType<typeof useForm>;
  language: Language;
  text: string;
  readOnly: boolean;
  /** The same text with an edit; typing on at one place is one change. */
  put: (next: string, tag?: string) => void;
  wrong: (where: string) => readonly Place[];
  known: Known;
  asText: () => void;
}

export type Undoing = ReturnType<typeof useHistory>;

export function useDesk(props: {
  form: FormName;
  text: string;
  said: Doc;
  undoing: Undoing;
  problems: readonly Place[];
  readOnly: boolean;
  asText: () => void;
}): Desk & { unplaced: readonly Place[] } {
  const { form, text, said, undoing, problems, readOnly, asText } = props;
  const say = useForm();
  const [language] = useLanguage();
  const known = useKnown(form);
  const where = placed(problems, drawn(form, said));
  return {
    say,
    language,
    text,
    readOnly,
    put: undoing.put,
    wrong: (place) => where.get(place) ?? [],
    unplaced: where.get("") ?? [],
    known,
    asText,
  };
}
