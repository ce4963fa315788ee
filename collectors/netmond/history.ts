import type { Direction } from "./direction.ts";
import { endsOf, keyOf } from "./identity.ts";
import type { Socket } from "./sockets.ts";

/** What is remembered of a socket. */
export interface Seen {
  /** When it was first seen, or closed before that, ms since the epoch; NULL where it was there before anybody looked. */
  readonly created: number | null;
  /** The direction that was told when it was first seen. */
  readonly direction: Direction;
}

/** One look at the sockets of one protocol in one namespace. */
export interface Look {
  /** What is remembered of a socket, or now begins to be. */
  of(socket: Socket, direction: () => Direction): Seen;
  /** Ends the look: what was not seen is forgotten. */
  end(): void;
}

/** Remembers sockets from scan to scan. */
export interface History {
  /** Begins a look at the sockets of a protocol in a namespace. */
  look(namespace: string, protocol: Socket["protocol"], now: number): Look;
  /** Forgets all namespaces but these. */
  keep(namespaces: readonly string[]): void;
}

/** When a connection that nobody had seen was closed: it began no later, and mostly not much earlier. */
function begunBy({ closed }: Socket, now: number): number | undefined {
  return closed === undefined ? undefined : now - closed;
}

/** Sockets by what tells them from others. */
type Memory = Map<number | string, { readonly socket: Socket; readonly seen: Seen }>;

/**
 * Makes a {@linkcode History}. The kernel does not tell when a socket was opened. What is there at the first look may be
 * old, so its time is not known; what is new at a later look was opened since the look before. A connection that its
 * program has closed is what the socket with these ends was.
 */
export function createHistory(): History {
  const looks = new Map<string, Map<string, Memory>>();
  return {
    look(namespace, protocol, now) {
      let ofNamespace = looks.get(namespace);
      if (!ofNamespace) looks.set(namespace, ofNamespace = new Map());
      const before = ofNamespace.get(protocol);
      const after: Memory = new Map();
      let byEnds: ReadonlyMap<string | undefined, Seen> | undefined;
      const closed = (ends: string | undefined) => {
        if (!before || ends === undefined) return undefined;
        byEnds ??= new Map(
          Array.from(before.values(), ({ socket, seen }) => [endsOf(socket), seen]),
        );
        return byEnds.get(ends);
      };
      return {
        of(socket, direction) {
          const key = keyOf(socket);
          const seen = before?.get(key)?.seen ??
            (socket.inode === 0 ? closed(endsOf(socket)) : undefined) ??
            { created: begunBy(socket, now) ?? (before ? now : null), direction: direction() };
          after.set(key, { socket, seen });
          return seen;
        },
        end: () => void ofNamespace.set(protocol, after),
      };
    },
    keep(namespaces) {
      const alive = new Set(namespaces);
      for (const namespace of looks.keys()) if (!alive.has(namespace)) looks.delete(namespace);
    },
  };
}
