import fc from "fast-check";

const folder = new URL("recorded/", import.meta.url);

/**
 * A file below `/proc/<pid>/net`, as Linux 6.18 wrote it in a network namespace with a few sockets of each kind, some of
 * them with hostile names.
 */
export function recorded(name: string): string {
  return new TextDecoder().decode(recordedBytes(name));
}

/** The same as bytes; also what netlink answered there. */
export function recordedBytes(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(name, folder));
}

/** Its lines, without the line breaks. */
export function recordedLines(name: string): string[] {
  return recorded(name).split("\n").slice(0, -1);
}

/** Texts of any characters, those that tables are made of more often than others. */
export function hostileText(): fc.Arbitrary<string> {
  const unit = fc.oneof(
    fc.constantFrom(..."0 \n\t:|/@-.AFaf19"),
    fc.nat(0xffff).map((code) => String.fromCharCode(code)),
  );
  return fc.string({ unit, maxLength: 100 });
}
