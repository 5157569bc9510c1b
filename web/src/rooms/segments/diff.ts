export interface Line {
  sign: " " | "+" | "-";
  text: string;
}

/** What became of a text, line by line; the longest common part stays. */
export function diff(before: string, after: string): Line[] {
  const [old, now] = [lines(before), lines(after)];
  const common = old.map(() => new Array<number>(now.length + 1).fill(0));
  common.push(new Array<number>(now.length + 1).fill(0));
  const length = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      (common[i] as number[])[j] =
        old[i] === now[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
  const found: Line[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      found.push({ sign: " ", text: old[i] as string });
      i++;
      j++;
    } else if (j >= now.length || (i < old.length && length(i + 1, j) >= length(i, j + 1))) {
      found.push({ sign: "-", text: old[i++] as string });
    } else found.push({ sign: "+", text: now[j++] as string });
  }
  return found;
}

const lines = (text: string) => text.replace(/\n$/, "").split("\n");
