import { basename } from "@std/path";
import type { Sandbox } from "../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { Exception } from "../model/detection.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { FixtureCase } from "./fixture.ts";
import { playCase, type PlayedCase } from "./run.ts";

/** The exceptions that name a case, by its file or by what it is called. */
export function exceptionsProvenBy(
  { detection: { meta } }: CompiledDetection,
  { name, file }: FixtureCase,
): readonly Exception[] {
  return meta.exceptions.filter(({ fixture }) => fixture === name || fixture === fixtureStem(file));
}

/** What a fixture's file is called by people. */
export function fixtureStem(file: string): string {
  return basename(file).replace(/\.ya?ml$/, "");
}

/**
 * Plays a case once more without each exception that names it: if nothing changes, nothing shows what the exception leaves
 * out. Gives what is to be said, for people.
 */
export async function proveExceptions(
  compiled: CompiledDetection,
  fixture: FixtureCase,
  played: PlayedCase,
  catalogue: Catalogue,
  sandbox: Sandbox,
): Promise<string[]> {
  const faults: string[] = [];
  for (const { id } of exceptionsProvenBy(compiled, fixture)) {
    const without = await playCase(withoutException(compiled, id), fixture, catalogue, sandbox);
    if (told(without) === told(played)) {
      faults.push(
        `the exception \`${id}\` names this case, which comes to the same without it: ` +
          "give a row that it leaves out",
      );
    }
  }
  return faults;
}

function withoutException(compiled: CompiledDetection, id: string): CompiledDetection {
  const { detection } = compiled;
  const exceptions = detection.meta.exceptions.filter((one) => one.id !== id);
  return { ...compiled, detection: { ...detection, meta: { ...detection.meta, exceptions } } };
}

/** What a case told, as text that is equal where it is the same. */
function told({ steps }: PlayedCase): string {
  return JSON.stringify(
    steps.map(({ run: { hits }, alerts }) => [hits, alerts.map(({ alert_data }) => alert_data)]),
    (_key, value) => typeof value === "bigint" ? `${value}n` : value,
  );
}
