import { API_FAMILIES, API_GROUPS, type ApiCategory } from "./api_categories.ts";

/** What a function is for. */
export interface Api {
  /** Its category; absent where there is no name. */
  readonly category?: ApiCategory;
  /** Whether malware uses it more than other programs do. */
  readonly suspicious: boolean;
}

const OTHER: Api = { category: "other", suspicious: false };
const UNNAMED: Api = { suspicious: false };

const BY_NAME: ReadonlyMap<string, Api> = new Map(
  API_GROUPS.flatMap(({ category, suspicious = false, names }) =>
    names.trim().split(/\s+/).map((name) => [name, { category, suspicious }] as const)
  ),
);

/**
 * What a function is for, by its name. A name that is not listed is looked up once more without what libraries add to
 * the same function: `__` before it, `_chk`, `64`, a number of the interface (`__xstat64`, `__read_chk`, `fopen64`),
 * and the `A`, `W` or `Ex` of Windows; then by how it begins.
 */
export function describeApi(name: string | undefined): Api {
  if (name === undefined) return UNNAMED;
  const exact = BY_NAME.get(name);
  if (exact) return exact;
  const plain = name.replace(/^_{1,2}/, "").replace(/_chk$/, "").replace(/64$/, "");
  const windows = name.replace(/(Ex)?[AW]?$/, "");
  const similar = BY_NAME.get(plain) ?? BY_NAME.get(windows) ??
    (windows === name ? undefined : BY_NAME.get(`${windows}Ex`));
  if (similar) return similar;
  const family = API_FAMILIES.find(([beginning]) => name.startsWith(beginning));
  return family ? { category: family[1], suspicious: false } : OTHER;
}
