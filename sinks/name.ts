/** What a sink is called: its name, else its type. */
export function sinkName(
  { name, type }: { readonly name?: string | undefined; readonly type: string },
): string {
  return name ?? type;
}
