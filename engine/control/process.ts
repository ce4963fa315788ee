/** What starting a control process takes. */
export interface ControlProcess {
  /** The module that it runs. */
  readonly module: URL;
  /** The one socket that it may use. */
  readonly socket: string;
  /** Whether it outlasts Ctrl-C, which the terminal sends to all processes of its group. */
  readonly detached?: boolean;
}

/** Starts a process that may use one unix socket and nothing else: this one has no permission for any. */
export function startControlProcess(
  { module, socket, detached = false }: ControlProcess,
): Deno.ChildProcess {
  return new Deno.Command("deno", {
    // deno-fmt-ignore
    args: [
      "run", "--quiet", "--no-prompt", "--no-config", "--no-lock", "--no-npm", "--no-remote", "--cached-only",
      "--v8-flags=--max-old-space-size=64",
      `--allow-net=unix:${socket}`, `--allow-read=${socket}`, `--allow-write=${socket}`,
      String(module), socket,
    ],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    detached,
  }).spawn();
}
