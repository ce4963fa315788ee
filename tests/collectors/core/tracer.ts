// Reads the kernel's events from where it was told, and prints them; tracing_test.ts starts it.
const { traceRoot } = JSON.parse(Deno.args[0]!);
const attempt = (act: () => unknown) => {
  try {
    return act();
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
};
console.log(JSON.stringify({
  traceRoot: traceRoot ?? null,
  files: traceRoot && attempt(() => [...Deno.readDirSync(traceRoot)].map(({ name }) => name)),
  written: attempt(() => Deno.writeTextFileSync(`${traceRoot}/trace_pipe`, "x")),
}));
if (traceRoot) {
  using pipe = Deno.openSync(`${traceRoot}/trace_pipe`);
  for await (const chunk of pipe.readable) Deno.stdout.writeSync(chunk);
}
