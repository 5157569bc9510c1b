/** A file as the body of a request, as it is: `api.useMutation(…).mutate({ ...asBody(file) })`. */
export function asBody(file: Blob) {
  return {
    body: file as unknown as string,
    bodySerializer: (body: unknown) => body as BodyInit,
    headers: { "Content-Type": "application/octet-stream" },
  };
}

/** Let the browser keep what is already here as a file. */
export function save(name: string, content: Blob | string): void {
  const blob = typeof content === "string" ? new Blob(["\ufeff", content]) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
