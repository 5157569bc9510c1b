/** A point of the river: where it stands, of 0 to 1, and how many people pass there. */
export type Bend = number;

const WIDE = 1000;
const HIGH = 128;
const LEAST = 2; // a step without people is still a line

/** How high the river is at each bend, of the most people that any bend (today or before) has. */
export function heights(people: readonly Bend[], most: number): number[] {
  return people.map((one) => Math.max(LEAST, most > 0 ? (one / most) * (HIGH - 8) : LEAST));
}

/** A closed shape through all bends, as smooth between them as water: the width is people. */
export function river(people: readonly Bend[], most: number): string {
  const high = heights(people, most);
  const step = WIDE / people.length;
  const at = (place: number) => step * (place + 0.5);
  const edge = (sign: 1 | -1) =>
    high.map((one, place) => [at(place), HIGH / 2 - (sign * one) / 2] as const);
  const line = (points: readonly (readonly [number, number])[]) =>
    points
      .slice(1)
      .map(([x, y], before) => {
        const [fromX, fromY] = points[before] ?? [x, y];
        const middle = (fromX + x) / 2;
        return `C${middle} ${fromY} ${middle} ${y} ${x} ${y}`;
      })
      .join("");
  const above = edge(1);
  const below = edge(-1).reverse();
  const [first, last] = [high[0] ?? LEAST, high.at(-1) ?? LEAST];
  return (
    `M0 ${HIGH / 2 - first / 2}L${above[0]?.join(" ")}${line(above)}L${WIDE} ${HIGH / 2 - last / 2}` +
    `L${WIDE} ${HIGH / 2 + last / 2}L${below[0]?.join(" ")}${line(below)}L0 ${HIGH / 2 + first / 2}Z`
  );
}

export const VIEW = `0 0 ${WIDE} ${HIGH}`;
