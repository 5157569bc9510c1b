/** The place of a part that is still on its way: the page doesn't jump when it comes. */
export function Soon({ height = 0 }: { height?: number }) {
  return <div data-soon style={{ height }} />;
}
