/** Where the host's process tree stands within an empty root. */
export const CONFINED_PROC = "/hostproc";
/** Where the host's files stand within an empty root. */
export const CONFINED_FILES = "/hostfiles";
/** Where what lies below /sys stands within an empty root. */
export const CONFINED_SYS = "/hostsys";
/** Where the events of the kernel stand within an empty root. */
export const CONFINED_TRACE = "/hosttrace";
/** Where the pipes stand through which one is told of what happens to files within an empty root. */
export const CONFINED_FILE_EVENTS = "/hostevents";

/**
 * A POSIX shell script that becomes the first process of new namespaces. It builds a root folder that holds nothing but
 * what Deno needs, leaves the host's root for good, gives up privileges, and becomes Deno. Everything that varies is an
 * argument, nothing is pasted into the text. Any step that fails ends it: it never goes on with less.
 *
 * Arguments: the Deno binary; the user and group to become; the capabilities to keep, as `setpriv` writes them; then, as
 * often as needed, what to put into the root, each with a value, in any order but `proc` last: `npm` the folder of npm
 * packages, `show` a file or folder if there is one, `run` a program, `run-if-present` one if there is one, `sys` something below /sys if there is, `trace` an
 * instance of tracefs, `files` (`all`) the host's root with all that is mounted, `events` the folder of the pipes
 * that tell of files, `nice` how much less of the processors it wants than others, `proc` how much of the process tree
 * (`none`, `look` or `follow`); then the arguments of Deno.
 *
 * The new root is built over /dev, because nothing that has to be shown lies below it but /dev/null, without which Deno
 * starts no program; it is held open until then. Its own /proc knows only this process, as Deno and `umount` need it; the
 * host's processes stand elsewhere. After `pivot_root` only `umount` is still needed: it runs from the old root, on the
 * new root's libraries. The last checks are against tools too old to know an option.
 *
 * Of the host's root every mount is made read-only by itself: util-linux does it to a whole tree only since 2.39. A mount
 * that does not let itself be changed is not shown; one that cannot even be taken away is hidden under another.
 */
export const EMPTY_ROOT_SCRIPT = `set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022
# Where memory runs out the kernel is to end a child, which is started anew, and not who holds the alerts.
{ echo 500 > /proc/self/oom_score_adj; } 2> /dev/null || :
deno=$1 user=$2 caps=$3 proc=
shift 3
umount=$(command -v umount)

bind() { mount -n --bind -o "ro,nosuid,nodev$3" "$1" "./$2"; }
place() {
  if [ -d "$1" ]; then
    mkdir -p "./$2"
  else
    mkdir -p "./\${2%/*}"
    [ -e "./$2" ] || : > "./$2"
  fi
  bind "$1" "$2" "$3"
}

decode() {
  rest=$1 decoded=
  while [ "\${rest#*\\\\}" != "$rest" ]; do
    decoded=$decoded\${rest%%\\\\*}
    rest=\${rest#*\\\\}
    byte=$(printf "\\\\\${rest%"\${rest#???}"}.")
    decoded=$decoded\${byte%.} rest=\${rest#???}
  done
  decoded=$decoded$rest
}
seal() {
  while read -r _ _ _ _ at _; do
    case $at in
      "$1" | "$1"/*) ;;
      *) continue ;;
    esac
    decode "$at"
    mount -n -c -o remount,bind,ro,nosuid,nodev,noexec none "$decoded" 2> /dev/null ||
      umount -n -c -l "$decoded" 2> /dev/null || continue
  done < /proc/self/mountinfo
}

exec 9< /dev/null
mount -n -t tmpfs -o mode=0755,size=1m,nosuid,nodev,noexec empty-root /dev
cd /dev
mkdir -p old usr hostproc hostfiles hostsys hosttrace cache proc
: > deno
: > setpriv
links=
for lib in lib lib64 usr/lib usr/lib64; do
  if [ -h "/$lib" ]; then
    links="$links $lib"
  elif [ -d "/$lib" ]; then
    mkdir -p "$lib"
    bind "/$lib" "$lib" ""
  fi
done
if [ -n "$links" ]; then (cd / && exec cp -P --parents $links /dev); fi
bind "$deno" deno ""
bind "$(command -v setpriv)" setpriv ""
mount -n -t tmpfs -o "mode=0700,uid=$user,gid=$user,size=16m,nosuid,nodev,noexec" cache cache
while [ -z "$proc" ]; do
  case $1 in
    npm)
      mkdir cache/npm
      bind "$2" cache/npm ,noexec
      ;;
    show) if [ -e "$2" ]; then place "$2" "$2" ,noexec; fi ;;
    run*)
      case $1 in
        run-if-present) if [ -e "$2" ]; then place "$2" "$2" ""; fi ;;
        *) place "$2" "$2" "" ;;
      esac
      if [ ! -e dev/null ]; then
        mkdir dev
        : > dev/null
        mount -n -c --bind -o ro,nosuid,noexec /proc/self/fd/9 dev/null
      fi
      ;;
    sys) if [ -e "$2" ]; then place "$2" "hostsys/\${2#/sys}" ,noexec; fi ;;
    trace)
      mount -n -t tracefs -o nosuid,nodev,noexec tracefs old
      place "old/instances/$2/trace_pipe" hosttrace/trace_pipe ,noexec
      umount -n old
      ;;
    files)
      mount -n --rbind / hostfiles
      umount -n -l hostfiles/dev
      seal /dev/hostfiles
      ;;
    events) place "$2" hostevents ,noexec ;;
    nice) renice -n "$2" -p "$$" > /dev/null 2>&1 || : ;;
    proc) proc=$2 ;;
    *) exit 1 ;;
  esac
  shift 2
done
case $proc in
  none) ;;
  look) bind /proc hostproc ,noexec,nosymfollow ;;
  follow) bind /proc hostproc ,noexec ;;
  *) exit 1 ;;
esac
mount -n -t proc -o ro,nosuid,nodev,noexec,subset=pid proc proc
mount -n -o remount,bind,ro,nosuid,nodev,noexec .
pivot_root . old
cd /
"/old$umount" -n -l /old
if [ -e /old/proc ]; then exit 1; fi
if [ "$proc" = look ] && [ -e /hostproc/self/. ]; then exit 1; fi
exec 9<&-
unset PATH PWD OLDPWD
export DENO_DIR=/cache
exec /setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs \\
  --inh-caps "$caps" --ambient-caps "$caps" --bounding-set "$caps" --pdeathsig KILL -- /deno "$@"
`;
