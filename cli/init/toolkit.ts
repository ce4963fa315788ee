import { fromFileUrl, join, relative } from "@std/path";
import { UsageError } from "../command.ts";
import type { ToolkitSource } from "./workflow.ts";

/** The folder that this program runs from; `undefined` where it does not run from a disk. */
export function ownToolkit(): string | undefined {
  const root = new URL("../../", import.meta.url);
  return root.protocol === "file:" ? fromFileUrl(root) : undefined;
}

/**
 * The folder of the toolkit that a repository is to use.
 *
 * @param given a folder or a file URL; without it the folder that this program runs from
 * @throws {UsageError} where there is no toolkit
 */
export async function toolkitFolder(given: string | undefined): Promise<string> {
  const folder = given === undefined
    ? ownToolkit()
    : given.startsWith("file:")
    ? fromFileUrl(given)
    : given;
  if (folder === undefined || /^[a-z][a-z0-9+.-]+:/.test(folder)) {
    throw new UsageError(
      "the toolkit starts parts of itself from a disk; name the folder of a clone with --toolkit DIR",
    );
  }
  try {
    await Deno.stat(join(folder, "cli", "main.ts"));
    await Deno.stat(join(folder, "mod.ts"));
    return await Deno.realPath(folder);
  } catch {
    throw new UsageError(`there is no clone of the toolkit at ${folder}`);
  }
}

/**
 * The toolkit's folder as a repository's files name it: relative where both lie below a common folder, so that they can
 * be moved and cloned together; else absolute.
 */
export function toolkitPath(toolkit: string, repository: string): string {
  const path = relative(repository, toolkit);
  const up = path.split(/[/\\]/).filter((part) => part === "..").length;
  const depth = repository.split(/[/\\]/).filter((part) => part !== "").length;
  return (up < depth ? path : toolkit).replaceAll("\\", "/");
}

/** Where the clone says that it comes from on GitHub, at the commit that it is at; `undefined` where it does not. */
export async function toolkitOrigin(toolkit: string): Promise<ToolkitSource | undefined> {
  try {
    const git = join(toolkit, ".git");
    const config = await Deno.readTextFile(join(git, "config"));
    const [, origin = ""] = /^\[remote "origin"\]\n((?:[ \t].*\n?)*)/m.exec(config) ?? [];
    const [, repository] =
      /^\s*url = \S*github\.com[:/]([\w-]+\/[\w.-]+?)(?:\.git)?\/?$/m.exec(origin) ?? [];
    const ref = repository && await headCommit(git);
    return repository && ref ? { repository, ref } : undefined;
  } catch {
    return undefined;
  }
}

/** The commit that HEAD names, directly or by a branch (gitrepository-layout(5)). */
async function headCommit(git: string): Promise<string | undefined> {
  const head = (await Deno.readTextFile(join(git, "HEAD"))).trim();
  const branch = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  const id = branch === undefined ? head : await branchCommit(git, branch);
  return /^[0-9a-f]{40,64}$/.test(id) ? id : undefined;
}

async function branchCommit(git: string, branch: string): Promise<string> {
  try {
    return (await Deno.readTextFile(join(git, branch))).trim();
  } catch {
    const packed = await Deno.readTextFile(join(git, "packed-refs"));
    return packed.split("\n").find((line) => line.endsWith(` ${branch}`))?.split(" ")[0] ?? "";
  }
}
