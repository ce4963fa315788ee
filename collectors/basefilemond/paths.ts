import { isCanonical } from "../files/path_glob.ts";

/** How a platform writes paths. */
export interface PathStyle {
  /** Between the parts. */
  readonly separator: "/" | "\\";
  /** Whether a path is absolute and written in the one way in which rows have it. */
  readonly isCanonical: (path: string) => boolean;
}

/** Paths that begin with a slash. */
export const UNIX_PATHS: PathStyle = { separator: "/", isCanonical };

/** Paths that begin with the letter of a drive; of those that name another host or a device nothing is told. */
export const WINDOWS_PATHS: PathStyle = {
  separator: "\\",
  isCanonical: (path) =>
    /^[A-Za-z]:\\$/.test(path) ||
    /^[A-Za-z]:\\/.test(path) && !/[\0/:*?"<>|]/.test(path.slice(2)) &&
      path.slice(3).split("\\").every((part) => part !== "" && !/^\.{1,2}$/.test(part)),
};
