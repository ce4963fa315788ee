import { Failure, type ProcFiles } from "../proc/files.ts";
import { readSocketLinks } from "./open_files.ts";
import { createRhythm, type Rhythm } from "./rhythm.ts";

/** Finds the processes that hold sockets. */
export interface Holders {
  /** Who holds these sockets, given by their inode numbers, among these processes. */
  find(sockets: ReadonlySet<number>, pids: readonly number[], options: SearchOptions): Found;
}

/** What else a search takes. */
export interface SearchOptions {
  /** Whether these are all sockets; if not, what is known of others is not forgotten. */
  readonly whole: boolean;
  /** All processes as of now; asked where a holder is missing, which may have begun meanwhile. */
  readonly list: () => readonly number[];
  /** ms as `performance.now()` counts, when the search ends with what it has. */
  readonly deadline: number;
}

/** What a search has found. */
export interface Found {
  /** Who holds a socket, by its inode number; those that nobody holds are not there. */
  readonly holders: ReadonlyMap<number, readonly Hold[]>;
  /** Whether the open files of any process are kept back. */
  readonly denied: boolean;
  /** Whether time was too short to look at all processes. */
  readonly late: boolean;
}

/** That a process holds a socket. */
export interface Hold {
  /** Id of the process. */
  readonly pid: number;
  /** A link that leads to the socket, relative to the root of the process tree. */
  readonly link: string;
}

/**
 * Makes a {@linkcode Holders}. To look at the open files of all processes takes long, so it is done once a minute. In
 * between, what is remembered of a socket is checked at the link where it was found, and the files are read of new
 * processes and of those where a link has changed; if there are sockets then whose holder is not known, of those that
 * hold any, and at last of all others, until every holder is known. What this misses till the next look at everything is
 * a further process that was passed a socket by one that keeps it.
 */
export function createHolders(files: ProcFiles, rhythm: Rhythm = createRhythm()): Holders {
  let known: ReadonlyMap<number, readonly Hold[]> = new Map();
  let seen: ReadonlySet<number> = new Set();
  /** Sockets whose holder was not found the last time, and those not the time before either: the kernel's own. */
  let lost: ReadonlySet<number> = new Set();
  let orphans: ReadonlySet<number> = new Set();
  let denied: ReadonlySet<number> = new Set();

  return {
    find(sockets, listed, { whole, list, deadline }) {
      const all = rhythm.isDue();
      const pids = new Set(listed);
      const search = startSearch(files, sockets, sockets.difference(orphans), deadline);
      // A socket may be held by a process that has begun since the list was made.
      const lookAtNew = () => {
        if (search.missing.size > 0) search.look(list().filter((pid) => !pids.has(pid)));
      };
      if (all) {
        search.look(pids);
        lookAtNew();
      } else {
        const changed = new Set<number>();
        for (const pid of pids) if (!seen.has(pid)) changed.add(pid);
        for (const inode of sockets) {
          for (const hold of known.get(inode) ?? []) {
            if (!pids.has(hold.pid)) continue;
            if (files.link(hold.link) === `socket:[${inode}]`) search.add(inode, hold);
            else changed.add(hold.pid);
          }
        }
        search.look(changed);
        lookAtNew();
        search.lookForMissing(search.busy());
        search.lookForMissing(pids);
      }

      const unheld = new Set(sockets);
      for (const inode of search.holders.keys()) unheld.delete(inode);
      // Where these are not all sockets, others are remembered till the next look at everything, so that it stays bounded.
      const rest = !whole && !all;
      const others = (before: ReadonlySet<number>) => rest ? before.difference(sockets) : [];
      orphans = new Set([...unheld.intersection(lost), ...others(orphans)]);
      lost = new Set([...unheld, ...others(lost)]);
      known = rest ? new Map([...known, ...search.holders]) : search.holders;
      seen = search.late ? search.looked : rest ? seen.intersection(pids) : pids;
      denied = search.denied.union(denied.intersection(pids).difference(search.looked));
      if (all && !search.late) rhythm.done();
      return { holders: search.holders, denied: denied.size > 0, late: search.late };
    },
  };
}

/** Begins a search for these sockets; it may end early where none is missing any more of those sought. */
function startSearch(
  files: ProcFiles,
  sockets: ReadonlySet<number>,
  missing: Set<number>,
  deadline: number,
) {
  const holders = new Map<number, Hold[]>();
  const search = {
    holders,
    missing,
    looked: new Set<number>(),
    denied: new Set<number>(),
    late: false,
    add(inode: number, hold: Hold): void {
      missing.delete(inode);
      const holds = holders.get(inode);
      if (!holds) holders.set(inode, [hold]);
      else if (!holds.some(({ pid }) => pid === hold.pid)) holds.push(hold);
    },
    /** Processes that hold any of the sockets, as far as is known. */
    busy: () => new Set([...holders.values()].flatMap((holds) => holds.map(({ pid }) => pid))),
    /** Reads the open files of these processes. */
    look(pids: Iterable<number>): void {
      for (const pid of pids) {
        if (search.looked.has(pid)) continue;
        search.late ||= performance.now() > deadline;
        if (search.late) return;
        search.looked.add(pid);
        const ended = readSocketLinks(files, pid, deadline, (inode, link) => {
          if (sockets.has(inode)) search.add(inode, { pid, link });
        });
        if (ended === Failure.DENIED) search.denied.add(pid);
      }
    },
    /** The same, until no socket is missing. */
    lookForMissing(pids: Iterable<number>): void {
      for (const pid of pids) {
        if (missing.size === 0) return;
        search.look([pid]);
      }
    },
  };
  return search;
}
