export interface Line {
  sign: " " | "+" | "-";
  text: string;
}

/** What became of a text, line by line; the longest common part stays. */
export function diff(before: string, after: string): Line[] {
  const [old, now] = [lines(before), lines(after)];
  const left = common(old, now);
  const found: Line[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [was, is] = [old[i], now[j]];
    if (was !== undefined && was === is) {
      found.push({ sign: " ", text: was });
      i++;
      j++;
    } else if (is === undefined || (was !== undefined && left(i + 1, j) >= left(i, j + 1))) {
      found.push({ sign: "-", text: was ?? "" });
      i++;
    } else {
      found.push({ sign: "+", text: is });
      j++;
    }
  }
  return found;
}

/** How many lines the rests of both have in common, from a line of each on. */
function common(old: string[], now: string[]): (i: number, j: number) => number {
  const many = old.map(() => new Array<number>(now.length + 1).fill(0));
  const left = (i: number, j: number) => many[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    const row = many[i] ?? [];
    for (let j = now.length - 1; j >= 0; j--)
      row[j] =
        old[i] === now[j] ? left(i + 1, j + 1) + 1 : Math.max(left(i + 1, j), left(i, j + 1));
  }
  return left;
}

const lines = (text: string) => text.replace(/\n$/, "").split("\n");
