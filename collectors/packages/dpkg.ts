import type { GapReason } from "../../schema/batch.ts";
import { attempt, type HostPaths } from "../binmond/paths.ts";
import { isSettled } from "../files/content_cache.ts";
import { decode, Failure } from "../proc/files.ts";
import { readRegular } from "../regmond/host.ts";
import { paragraphs } from "../regmond/packages.ts";
import { buildNameIndex, type NameIndex } from "./dpkg_index.ts";
import { isSamePath, lastName } from "./paths.ts";
import type { Ownership, PackageRecord } from "./records.ts";

const ADMIN = "/var/lib/dpkg";
const INFO = `${ADMIN}/info`;
/** Bytes of lists that are read to make an index. */
const MAX_BYTES = 512 * 2 ** 20;
/** Lists that are searched for one path; the most common name of all, `changelog.Debian.gz`, is in nearly all. */
const MAX_SEARCHED = 20_000;
/** Paths of which the owner is remembered. */
const MAX_ANSWERS = 10_000;

/** A path that a package has in its list but not on the disk (dpkg-divert(1)). */
interface Diversion {
  readonly from: string;
  readonly to: string;
  /** Whose file stands at `from`; `:` for the administrator's. */
  readonly by: string;
}

/** What is kept of a record: which lists there are, and which names stand in them. */
interface Kept {
  /** Names of lists without `.list`: a package, sometimes with `:` and its architecture. */
  readonly stems: readonly string[];
  readonly names: NameIndex;
  readonly diversions: readonly Diversion[];
  /** Why a path that stands in no list may have an owner. */
  readonly incomplete: GapReason | undefined;
  /** What was found out of paths. */
  readonly answers: Map<string, Ownership | GapReason | undefined>;
}

let last: { readonly key: string; readonly kept: Kept } | undefined;

/**
 * Opens dpkg's own record: the lists of files in `/var/lib/dpkg/info`, their digests, and diversions. `undefined` where
 * there is none. Paths are compared by the folder that they lead to, so `/bin/ls` of a list is the file `/usr/bin/ls` where
 * `/bin` is a link. Of the lists an index of names is kept in memory, and what was found out, until dpkg has
 * changed its folder; the list that matters is read again for a path that was not asked for before.
 */
export function openDpkg(paths: HostPaths): PackageRecord | GapReason | undefined {
  const folder = paths.resolve(INFO);
  const listed = folder instanceof Failure ? folder : paths.list(folder);
  if (folder instanceof Failure || listed instanceof Failure) return reasonOf(folder, listed);
  const read = (name: string) => {
    const resolved = paths.resolve(name);
    return resolved instanceof Failure ? resolved : attempt(() => readRegular(resolved));
  };
  const stamp = stampOf(paths, [folder, `${ADMIN}/diversions`, `${ADMIN}/status`]);
  let kept = last && last.key === stamp.key ? last.kept : undefined;
  if (!kept) {
    const stems = listed.map(({ name }) => name).filter((name) => name.endsWith(".list"))
      .map((name) => name.slice(0, -".list".length)).sort();
    const made = readLists(stems, read);
    if (typeof made === "string") return made;
    kept = made;
    last = stamp.settled ? { key: stamp.key, kept } : undefined;
  }
  return kept.names.paths === 0 ? undefined : recordOf(kept, paths, read);
}

type Read = (path: string) => Uint8Array | Failure;

function reasonOf(...failures: readonly unknown[]): GapReason | undefined {
  const failure = failures.find((one) => one instanceof Failure);
  return failure && failure.reason !== "gone" ? failure.reason : undefined;
}

/** What changes when dpkg does something; it writes a list by renaming, which changes the folder. */
function stampOf(paths: HostPaths, files: readonly string[]) {
  const all = files.map((path) => {
    const resolved = paths.resolve(path);
    return resolved instanceof Failure ? resolved : paths.stats(resolved);
  });
  const now = Date.now();
  return {
    key: JSON.stringify([
      files,
      ...all.map((one) =>
        one instanceof Failure ? one.reason : [one.dev, one.ino, one.mtimeNs, one.ctimeNs].join()
      ),
    ]),
    settled: all.every((one) =>
      one instanceof Failure || isSettled({
        device: one.dev,
        inode: one.ino,
        size: one.size,
        mtime: one.mtimeNs,
        ctime: one.ctimeNs,
      }, now)
    ),
  };
}

function readLists(stems: readonly string[], read: Read): Kept | GapReason {
  const builder = buildNameIndex();
  let incomplete: GapReason | undefined;
  let bytes = 0;
  for (const stem of stems) {
    const list = read(`${INFO}/${stem}.list`);
    if (list instanceof Failure) {
      incomplete ??= reasonOf(list) ?? "not_collected";
      builder.add(new Uint8Array());
      continue;
    }
    bytes += list.length;
    if (bytes > MAX_BYTES) return "budget";
    try {
      builder.add(list);
    } catch {
      return "budget";
    }
  }
  const status = read(`${ADMIN}/status`);
  const diversions = read(`${ADMIN}/diversions`);
  if (!(status instanceof Failure) && lacksLists(decode(status), new Set(stems))) {
    incomplete ??= "not_collected";
  }
  incomplete ??= reasonOf(status) ?? reasonOf(diversions);
  return {
    stems,
    names: builder.finish(),
    diversions: diversions instanceof Failure ? [] : parseDiversions(decode(diversions)),
    incomplete,
    answers: new Map(),
  };
}

/** Whether an installed package has no list, as in images from which somebody has cleared them to save space. */
function lacksLists(status: string, stems: ReadonlySet<string>): boolean {
  for (const fields of paragraphs(status)) {
    const name = fields.get("package");
    if (!/ installed$/.test(fields.get("status") ?? "") || !name) continue;
    if (!stems.has(name) && !stems.has(`${name}:${fields.get("architecture")}`)) return true;
  }
  return false;
}

/** `/var/lib/dpkg/diversions`: three lines each. */
function parseDiversions(text: string): Diversion[] {
  const lines = text.split("\n");
  const diversions: Diversion[] = [];
  for (let at = 0; at + 2 < lines.length; at += 3) {
    const [from, to, by] = lines.slice(at, at + 3);
    diversions.push({ from: from!, to: to!, by: by! });
  }
  return diversions;
}

function recordOf(kept: Kept, paths: HostPaths, read: Read): PackageRecord {
  const { stems, names, diversions, incomplete, answers } = kept;
  const isSame = (one: string, other: string) => isSamePath(one, other, paths);
  /** Why a list that may have the path was not read: dpkg is at work, or it is broken. */
  let unread: GapReason | undefined;

  /** Lists that have a path, and how they write it. */
  function* listing(path: string): Generator<{ readonly stem: string; readonly listed: string }> {
    const end = `/${lastName(path)}\n`;
    for (const number of names.listsWith(lastName(path)).slice(0, MAX_SEARCHED)) {
      const stem = stems[number]!;
      const list = read(`${INFO}/${stem}.list`);
      if (list instanceof Failure) {
        unread = reasonOf(list) ?? "not_collected";
        continue;
      }
      const text = `${decode(list)}\n`;
      for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, at + 1)) {
        const listed = text.slice(text.lastIndexOf("\n", at) + 1, at + end.length - 1);
        if (isSame(listed, path)) yield { stem, listed };
      }
    }
  }

  /** The lists whose package has its file at the path. */
  function* owners(path: string) {
    const away = diversions.filter(({ from }) => isSame(from, path));
    for (const one of listing(path)) {
      if (away.every(({ by }) => by === packageOf(one.stem))) yield one;
    }
    for (const { from, by } of diversions.filter(({ to }) => isSame(to, path))) {
      for (const one of listing(from)) if (packageOf(one.stem) !== by) yield one;
    }
  }

  const digestOf = (stem: string, listed: string): Ownership["digest"] => {
    const sums = read(`${INFO}/${stem}.md5sums`);
    if (sums instanceof Failure) return undefined;
    const text = `\n${decode(sums)}\n`;
    const at = text.indexOf(`  ${listed.slice(1)}\n`);
    const value = at < 33 ? "" : text.slice(at - 33, at);
    return /^\n[0-9a-f]{32}$/.test(value) ? { algorithm: "md5", value: value.slice(1) } : undefined;
  };

  const find = (path: string): Ownership | undefined => {
    let found: Ownership | undefined;
    for (const { stem, listed } of owners(path)) {
      const digest = digestOf(stem, listed);
      if (digest || !found) {
        found = { manager: "dpkg", package: packageOf(stem), ...(digest && { digest }) };
      }
      if (digest) break;
    }
    return found;
  };

  return {
    ownerOf(path) {
      if (answers.has(path)) return answers.get(path);
      unread = undefined;
      const owner = find(path) ?? unread ?? incomplete;
      if (unread) return owner;
      if (answers.size === MAX_ANSWERS) answers.clear();
      answers.set(path, owner);
      return owner;
    },
  };
}

function packageOf(stem: string): string {
  return stem.replace(/:.*$/s, "");
}
