import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { createSource, type Source } from "../../../collectors/binmond/formats/source.ts";

/** What a program prints; empty where it fails. */
export function output(program: string, ...args: readonly string[]): string {
  const { stdout } = new Deno.Command(program, {
    args: [...args],
    stderr: "null",
    env: { LC_ALL: "C" },
  }).outputSync();
  return new TextDecoder().decode(stdout);
}

/** A source over a file; it is closed with it. */
export function openFile(path: string): Source & Disposable {
  const file = openSync(path, "r");
  const { size } = fstatSync(file);
  return {
    ...createSource({
      size,
      readInto: (buffer, offset) => readSync(file, buffer, 0, buffer.length, offset),
    }),
    [Symbol.dispose]: () => closeSync(file),
  };
}

/** A symbol as `readelf --dyn-syms` lists it. */
export interface ListedSymbol {
  readonly address: string;
  readonly type: string;
  readonly binding: string;
  readonly visibility: string;
  readonly section: string;
  readonly name: string;
  readonly version?: string;
  /** Whether the version is the one that is meant where none is named. */
  readonly isDefault: boolean;
}

/** What `readelf` says of a file. */
export interface Listed {
  readonly architecture: string;
  readonly type: string;
  readonly is64: boolean;
  readonly needed: readonly string[];
  readonly sections: number;
  readonly comments: readonly string[];
  readonly symbols: readonly ListedSymbol[];
  /** Libraries by version. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
}

/** Asks `readelf` about a file; `undefined` where it is no ELF file. */
export function listed(path: string): Listed | undefined {
  const text = output("readelf", "-Wh", "-d", "-V", "--dyn-syms", "-p", ".comment", path);
  const field = (name: string) => new RegExp(`^ +${name}: +(.*)$`, "m").exec(text)?.[1] ?? "";
  if (!field("Class")) return undefined;
  const versions = new Map<string, string[]>();
  let file = "";
  for (const line of text.split("\n")) {
    file = /Version: 1 +File: (\S+)/.exec(line)?.[1] ?? file;
    const name = /^ +0x\w+: +Name: (\S+) +Flags: .* +Version: \d+$/.exec(line)?.[1];
    if (name) versions.set(name, [...versions.get(name) ?? [], file]);
  }
  const symbols: ListedSymbol[] = [];
  const line =
    /^ +\d+: ([0-9a-f]+) +\S+ +(\S+) +(\S+|<OS specific>: \d+) +(\S+) +(?:\[.*\] +)?(bad section index\[ *\d+\]|\S+) ([^\s@]+)(?:(@@?)(\S+))?(?: \(\d+\))?$/gm;
  for (const match of text.matchAll(line)) {
    const [, address, type, binding, visibility, section, name, at, version] = match;
    symbols.push({
      address: `0x${BigInt(`0x${address}`).toString(16)}`,
      type: type!,
      binding: binding!,
      visibility: visibility!,
      section: section!,
      name: name!,
      ...(at && { version: version! }),
      isDefault: at !== "@",
    });
  }
  return {
    architecture: field("Machine"),
    type: field("Type"),
    is64: field("Class") === "ELF64",
    needed: [...text.matchAll(/\(NEEDED\) +Shared library: \[(.*)\]/g)].map(([, name]) => name!),
    sections: Number(/^\d+/.exec(field("Number of section headers"))?.[0] ?? 0),
    comments: [...text.matchAll(/^ +\[ *[0-9a-f]+\] +(.*)$/gm)].map(([, comment]) =>
      comment!.trim()
    ),
    symbols,
    versions,
  };
}
