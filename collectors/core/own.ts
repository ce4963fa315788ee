/** The value that an object itself has by a name that the host chose, such as `constructor`, which every object inherits. */
export function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
