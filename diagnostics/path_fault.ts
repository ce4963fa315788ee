/** Why a path cannot be used, and what to do about it. */
export interface Refusal {
  readonly reason: string;
  /** The next step. */
  readonly hint: string;
}

const ELSEWHERE = "take another path";

/** What systems say of paths, by the names of errno(3). */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  EACCES: {
    reason: "the user who runs this has no right to",
    hint: `run it as one who has, or ${ELSEWHERE}`,
  },
  EPERM: { reason: "the system allows it to nobody, or not to this user", hint: ELSEWHERE },
  ENOENT: {
    reason: "there is no such file or folder",
    hint: "check the path, or make its folder first",
  },
  EEXIST: { reason: "it exists already", hint: "take another name, or remove it first" },
  EISDIR: { reason: "it is a folder", hint: "name a file in it" },
  ENOTDIR: { reason: "what should be a folder above it is a file", hint: ELSEWHERE },
  ELOOP: { reason: "its symbolic links lead in a circle", hint: ELSEWHERE },
  ENAMETOOLONG: { reason: "the name is too long", hint: "take a shorter one" },
  ENOSPC: { reason: "the disk is full", hint: `make room there, or ${ELSEWHERE}` },
  EDQUOT: { reason: "the user's share of the disk is full", hint: `make room, or ${ELSEWHERE}` },
  EROFS: { reason: "the file system is read-only", hint: ELSEWHERE },
};

/**
 * What an error of the file system means, in words for people: Deno's own name flags, numbers and calls of the system.
 *
 * @param error what a function of Deno threw about a path
 */
export function refusal(error: unknown): Refusal {
  const { message, code } = error as { readonly message: string; readonly code?: string };
  if (error instanceof Deno.errors.NotCapable) {
    // To these paths no permission is enough but all of them, which programs on hosts should not have.
    return message.startsWith("Requires all access")
      ? {
        reason: "Deno lets no program touch what lies there, as in /proc, /sys and /dev",
        hint: ELSEWHERE,
      }
      : {
        reason: "Deno was started without the permission for it",
        hint: `add it to the task that starts it, or ${ELSEWHERE}`,
      };
  }
  const known = code === undefined ? undefined : REFUSALS[code];
  return known ?? { reason: message.replace(/ \(os error \d+\).*/s, ""), hint: ELSEWHERE };
}

/**
 * One sentence that says of a path what could not be done, why, and what to do.
 *
 * @param done what could not be done, as a participle: `written`
 * @param error what a function of Deno threw about the path
 */
export function pathFault(path: string, done: string, error: unknown): string {
  const { reason, hint } = refusal(error);
  return `${path} cannot be ${done}: ${reason}; ${hint}`;
}
