import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { pathFault, refusal } from "../../diagnostics/path_fault.ts";

/** What a function throws. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

Deno.test("refusal() says what the system meant, without numbers and calls", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const file = join(folder, "file");
    Deno.writeTextFileSync(file, "");
    Deno.symlinkSync("loop", join(folder, "loop"));
    const make = (path: string) => Deno.openSync(path, { write: true, createNew: true });
    const cases: readonly (readonly [() => unknown, RegExp])[] = [
      [() => make(file), /^it exists already; .*remove it/],
      [
        () => make(join(folder, "none", "x")),
        /^there is no such file or folder; .*make its folder/,
      ],
      [() => make(join(file, "x")), /^what should be a folder above it is a file; /],
      [() => Deno.writeTextFileSync(folder, ""), /^it is a folder; name a file in it$/],
      [() => Deno.mkdirSync(join(folder, "a".repeat(300))), /^the name is too long; /],
      [() => Deno.statSync(join(folder, "loop")), /^its symbolic links lead in a circle; /],
    ];
    for (const [call, expected] of cases) {
      const { reason, hint } = refusal(thrownBy(call));
      assertMatch(`${reason}; ${hint}`, expected);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("refusal() keeps the system's words where it knows no others", () => {
  const error = Object.assign(new Error("Text file busy (os error 26): open '/usr/bin/x'"), {
    code: "ETXTBSY",
  });
  assertEquals(refusal(error), { reason: "Text file busy", hint: "take another path" });
});

Deno.test("pathFault() tells what Deno guards from what it was not allowed", () => {
  const fault = (message: string) =>
    pathFault("/proc/x", "made", new Deno.errors.NotCapable(message));
  assertEquals(
    fault('Requires all access to "/proc/x", run again with the --allow-all flag'),
    "/proc/x cannot be made: Deno lets no program touch what lies there, as in /proc, /sys and /dev; take another path",
  );
  assertEquals(
    fault('Requires write access to "/proc/x", run again with the --allow-write flag'),
    "/proc/x cannot be made: Deno was started without the permission for it; add it to the task that starts it, or take another path",
  );
});
