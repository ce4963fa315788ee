/** Which content of which file: it changes with every write that the filesystem notices. */
export interface ContentIdentity {
  /** Number of the device. */
  readonly device: number | bigint;
  /** Inode number. */
  readonly inode: number | bigint;
  /** Bytes. */
  readonly size: number | bigint;
  /** When the content last changed, ns since the epoch. */
  readonly mtime: bigint;
  /** When the inode last changed, ns since the epoch. */
  readonly ctime: bigint;
}

/** Remembers what was made of the contents of files. */
export interface ContentCache<T> {
  /** What is remembered of a content; `undefined` where nothing is. */
  get(identity: ContentIdentity): T | undefined;
  /** Remembers a value; those that were not asked for longest are forgotten for it. */
  set(identity: ContentIdentity, value: T): void;
}

/** What a cache is made with. */
export interface ContentCacheOptions {
  /** Values that are remembered at most. */
  readonly entries: number;
  /** ms after which a value is forgotten, however often it was asked for. */
  readonly ttl: number;
  /** ms; the time of this process if absent. */
  readonly now?: () => number;
}

/**
 * Makes a {@linkcode ContentCache} in memory. A file whose times lie so close to its reading that another write could
 * leave them as they are must not be put into it; see {@linkcode isSettled}.
 */
export function createContentCache<T>(
  { entries, ttl, now = () => performance.now() }: ContentCacheOptions,
): ContentCache<T> {
  // A map keeps the order of insertion, so its first entry is the one that was not used longest.
  const known = new Map<string, { readonly value: T; readonly until: number }>();
  return {
    get(identity) {
      const key = keyOf(identity);
      const entry = known.get(key);
      if (!entry) return undefined;
      known.delete(key);
      if (entry.until <= now()) return undefined;
      known.set(key, entry);
      return entry.value;
    },
    set(identity, value) {
      const key = keyOf(identity);
      known.delete(key);
      known.set(key, { value, until: now() + ttl });
      if (known.size > entries) known.delete(known.keys().next().value!);
    },
  };
}

function keyOf({ device, inode, size, mtime, ctime }: ContentIdentity): string {
  return `${device}:${inode}:${size}:${mtime}:${ctime}`;
}

/** Ms in which a filesystem may give two writes the same time. FAT counts in steps of two seconds, others in ticks. */
const SETTLING = 2000;

/** Whether a content that was read at a time (ms since the epoch) would have another identity after a later write. */
export function isSettled({ mtime, ctime }: ContentIdentity, readAt: number): boolean {
  const last = mtime > ctime ? mtime : ctime;
  return Number(last / 1_000_000n) + SETTLING < readAt;
}
