/** Hashes of files, remembered between scans; the key says which content of which file is meant. */
export interface HashCache {
  /** The hashes that are known, by key; unknown keys are absent. */
  get(keys: readonly string[]): Promise<Map<string, string>>;
  /** Remembers hashes by key. */
  set(entries: Iterable<readonly [key: string, hash: string]>): Promise<void>;
}
