import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import type { TaskKeys } from "../../../model/collection.ts";
import type { Reading } from "../../../collectors/core/collector.ts";
import { has, isRoot, testWith } from "../support.ts";
import { hasLibrary, makeFolder } from "./host.ts";

const script = fromFileUrl(new URL("as_user.ts", import.meta.url));
const AS_NOBODY = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];
const canBeNobody = () =>
  has("setpriv") &&
  [["test", "-r", script], [Deno.execPath(), "--version"]].every((args) =>
    new Deno.Command("setpriv", { args: [...AS_NOBODY, ...args], stdout: "null" }).outputSync()
      .success
  );

async function lookAsUser(
  keys: TaskKeys,
): Promise<{ readonly readings: Reading[]; readonly missing: string[] }> {
  const cache = await Deno.makeTempDir();
  await Deno.chmod(cache, 0o777);
  const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", "--no-check", "--no-config"];
  const { stdout, stderr } = await new Deno.Command("setpriv", {
    args: [...AS_NOBODY, ...deno, script, JSON.stringify(keys)],
    env: { DENO_DIR: cache },
  }).output();
  await Deno.remove(cache, { recursive: true });
  const text = new TextDecoder().decode(stdout);
  assert(text !== "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

testWith(
  {
    "the C library of Linux": hasLibrary(),
    root: isRoot,
    "readable by others": isRoot && canBeNobody(),
  },
  "an ordinary user is told what is denied, and what is not",
  async () => {
    using folder = makeFolder();
    const at = (name: string) => `${folder.path}/${name}`;
    Deno.writeTextFileSync(at("open"), "x");
    Deno.writeTextFileSync(at("closed"), "x");
    Deno.chmodSync(at("closed"), 0o600);
    Deno.mkdirSync(at("folder"));
    Deno.writeTextFileSync(at("folder/inside"), "x");
    Deno.chmodSync(at("folder"), 0o700);

    const paths = ["open", "closed", "folder/inside", "nothing"].map(at);
    const { readings, missing } = await lookAsUser({ column: "file_path", values: paths });
    assertEquals(missing, []);
    assertEquals(readings.map(({ row }) => row.file_path), paths.slice(0, 3));
    const [open, closed, inside] = readings;
    assertEquals([open!.row.file_size, open!.gaps], [1, {}]);
    assertEquals([closed!.row.permissions, closed!.row.owner_user], ["0600", "root"]);
    assertEquals(closed!.gaps, { sha256_hash: "denied" });
    assertEquals(new Set(Object.values(inside!.gaps!)), new Set(["denied"]));
    assert("file_size" in inside!.gaps!);

    const walked = await lookAsUser({ column: "file_path", globs: [`${folder.path}/*`] });
    assertEquals(
      walked.readings.map(({ row }) => row.file_path).sort(),
      ["closed", "folder", "open"].map(at),
    );
    assertEquals(walked.missing, [`${at("folder")} could not be read (denied)`]);
  },
);
