import { own } from "../core/own.ts";
import type { kernel_modules } from "../../profiles/kernel_modules.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import { decode, Failure, openProcFiles } from "../proc/files.ts";
import type { Host } from "./host.ts";

/** A row of `kernel_modules`. */
export type KernelModule = Omit<Row<typeof kernel_modules, "linux">, "platform_data">;

const STATES: Readonly<Record<string, NonNullable<KernelModule["state"]>>> = {
  Live: "live",
  Loading: "loading",
  Unloading: "unloading",
};

/**
 * The loaded modules, as `/proc/modules` (proc_modules(5)) and `/sys/module/<name>/` tell. A module that hides itself from
 * the first may still stand in the second: those with an `initstate` are modules, the others are built in.
 */
export function* readModules(host: Host, wanted: ReadonlySet<string>): Generator<Reading> {
  const bytes = host.proc.readPieces("modules");
  if (bytes instanceof Failure && bytes.reason !== "gone") {
    throw new Error(`/proc/modules cannot be read: ${bytes.reason}`);
  }
  const listed = bytes instanceof Failure ? [] : decode(bytes).split("\n");
  const sys = host.sys === undefined ? undefined : openProcFiles(`${host.sys}/module`);
  const text = (path: string) => {
    const bytes = sys?.read(path) ?? Failure.GONE;
    return bytes instanceof Failure ? undefined : decode(bytes).trim();
  };
  const files = wanted.has("file_path") || wanted.has("signer")
    ? installed(host)
    : new Map<string, string>();
  const seen = new Set<string>();
  const rowOf = (
    name: string,
    known: Pick<KernelModule, "size" | "state" | "reference_count" | "used_by">,
  ): Reading => {
    seen.add(name);
    const taints = text(`${name}/taint`);
    const row: KernelModule = {
      name,
      ...known,
      version: text(`${name}/version`) ?? null,
      file_path: files.get(name.replaceAll("-", "_")) ?? null,
      signer: null,
      out_of_tree: taints === undefined ? null : taints.includes("O"),
      unsigned: taints === undefined ? null : taints.includes("E"),
      taints: taints || null,
    };
    return { row, gaps: wanted.has("signer") ? { signer: "not_collected" } : {} };
  };
  for (const line of listed) {
    const [name, size, references, users = "-", state = ""] = line.split(" ");
    if (!name || size === undefined) continue;
    yield rowOf(name, {
      size: /^\d{1,15}$/.test(size) ? Number(size) : null,
      state: own(STATES, state) ?? null,
      reference_count: /^\d{1,9}$/.test(references ?? "") ? Number(references) : null,
      used_by: JSON.stringify(
        users === "-" ? [] : users.split(",").filter((user) => user && user !== "[permanent]"),
      ),
    });
  }
  for (const name of host.sys === undefined ? [] : namesIn(`${host.sys}/module`)) {
    const state = text(`${name}/initstate`);
    if (seen.has(name) || state === undefined) continue;
    const size = text(`${name}/coresize`);
    const references = text(`${name}/refcnt`);
    yield rowOf(name, {
      size: /^\d{1,15}$/.test(size ?? "") ? Number(size) : null,
      state: state === "live" ? "live" : state === "coming" ? "loading" : "unloading",
      reference_count: /^\d{1,9}$/.test(references ?? "") ? Number(references) : null,
      used_by: null,
    });
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

/** Paths of the files of the running kernel's modules by name, as depmod(8) has written them down. */
function installed(host: Host): ReadonlyMap<string, string> {
  const release = host.proc.read("sys/kernel/osrelease");
  if (release instanceof Failure) return new Map();
  const folder = `/lib/modules/${decode(release).trim()}`;
  const paths = host.text(`${folder}/modules.dep`).split("\n").map((line) => line.split(":")[0]!);
  return new Map(
    paths.filter(Boolean).map((path) => [
      path.split("/").at(-1)!.replace(/[.]ko([.](gz|xz|zst))?$/, "").replaceAll("-", "_"),
      path.startsWith("/") ? path : `${folder}/${path}`,
    ]),
  );
}
