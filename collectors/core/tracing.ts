import { startOwner } from "./owner.ts";

/** Events of the kernel, switched on for one collector. */
export interface Tracing {
  /** Name of the instance of tracefs. */
  readonly instance: string;
  /** Where the instance stands for processes of this host that are not confined; absent where tracefs is not mounted. */
  readonly path?: string;
  /** Switches the events off and removes the instance. Safe to call twice. */
  close(): Promise<void>;
}

/** Kernel memory for events that nobody has read yet, KiB: of one processor, and of all together at most. */
const BUFFER = { each: 4096, all: 65_536 };

/**
 * A POSIX shell script that owns an instance of tracefs (https://docs.kernel.org/trace/ftrace.html) as long as its
 * standard input is open, so also no longer than whoever started it lives, however that ends. An instance is named after
 * the process that owns it; those whose owner was killed are removed by the next one. Times are counted from the start of
 * the host, sleep included.
 *
 * Arguments: the size of the buffer of each processor in KiB, then the events. It prints the name of the instance, and
 * the place of instances where others see it.
 */
export const TRACE_SCRIPT = `set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
size=$1
shift
trap '' INT TERM HUP
if [ -d /sys/kernel/tracing/instances ]; then seen=/sys/kernel/tracing/instances; else seen=; fi
mount -n -t tracefs -o nosuid,nodev,noexec tracefs /sys
cd /sys/instances

started() {
  read -r line < "/proc/$1/stat" && set -- \${line##*) } && echo "\${20}"
}
namespace=$(readlink /proc/self/ns/pid)
namespace=\${namespace#*[}
prefix=daemoneye-\${namespace%]}
for old in "$prefix"-*; do
  if [ ! -d "$old" ]; then continue; fi
  rest=\${old#"$prefix"-}
  if [ "$(started "\${rest%%-*}" 2> /dev/null)" != "\${rest#*-}" ]; then rmdir "$old" || :; fi
done

name=$prefix-$$-$(started $$)
mkdir "$name"
remove() {
  for try in 1 2 3 4 5 6 7 8 9; do
    if rmdir "$name" 2> /dev/null; then return; fi
    sleep 0.2
  done
}
trap remove EXIT
echo boot > "$name/trace_clock"
echo "$size" > "$name/buffer_size_kb"
for event; do
  filter=
  case $event in
    *" if "*) filter=\${event#* if } event=\${event%% if *} ;;
  esac
  case $event in
    syscalls/*) if [ ! -d "$name/events/$event" ]; then continue; fi ;;
  esac
  if [ -n "$filter" ]; then echo "$filter" > "$name/events/$event/filter"; fi
  echo 1 > "$name/events/$event/enable"
done
echo "$name $seen"
read -r end || :
`;

/**
 * Switches events of the kernel on.
 *
 * @param signal aborted where nobody wants them any more before they are on
 * @throws {Error} in words, where this host does not allow it
 */
export async function openTracing(
  events: readonly string[],
  signal?: AbortSignal,
): Promise<Tracing> {
  const size = Math.min(BUFFER.each, Math.ceil(BUFFER.all / navigator.hardwareConcurrency));
  const { said, complaint, close } = await startOwner({
    program: "unshare",
    // deno-fmt-ignore
    args: [
      "--mount", "--propagation", "private", "--",
      "sh", "-c", TRACE_SCRIPT, "sh", String(size), ...events,
    ],
  }, { signal });
  const [, instance, path] = /^(\S+) (\S*)$/.exec(said) ?? [];
  if (instance === undefined) {
    await close();
    throw new Error(complaint() || "tracefs cannot be used");
  }
  return { instance, ...(path && { path: `${path}/${instance}` }), close };
}
