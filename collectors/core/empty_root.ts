/** Where the host's process tree stands within an empty root. */
export const CONFINED_PROC = "/hostproc";

/**
 * A POSIX shell script that becomes the first process of new namespaces. It builds a root folder that holds nothing but
 * what Deno needs, leaves the host's root for good, gives up privileges, and becomes Deno. Everything that varies is an
 * argument, nothing is pasted into the text. Any step that fails ends it: it never goes on with less.
 *
 * Arguments: the Deno binary; `none`, `look` or `follow` for the process tree; the user and group to become; the
 * capabilities to keep, as `setpriv` writes them; the folder of npm packages, or nothing; the number of other files and
 * folders to show, and their paths; then the arguments of Deno.
 *
 * The new root is built over /sys, because nothing that has to be shown lies below it. Its own /proc knows only this
 * process, as Deno and `umount` need it; the host's processes stand elsewhere. After `pivot_root` only `umount` is still
 * needed: it runs from the old root, on the new root's libraries. The last checks are against tools too old to know an
 * option.
 */
export const EMPTY_ROOT_SCRIPT = `set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
deno=$1 proc=$2 user=$3 caps=$4 npm=$5 shown=$6
shift 6
umount=$(command -v umount)

show() { mount -n --bind -o "ro,nosuid,nodev$3" "$1" ".$2"; }

mount -n -t tmpfs -o mode=0755,size=1m,nosuid,nodev,noexec empty-root /sys
cd /sys
mkdir -p old usr hostproc cache proc
: > deno
: > setpriv
links=
for lib in lib lib64 usr/lib usr/lib64; do
  if [ -h "/$lib" ]; then
    links="$links $lib"
  elif [ -d "/$lib" ]; then
    mkdir -p "$lib"
    show "/$lib" "/$lib" ""
  fi
done
if [ -n "$links" ]; then (cd / && exec cp -P --parents $links /sys); fi
show "$deno" /deno ""
show "$(command -v setpriv)" /setpriv ""
mount -n -t tmpfs -o "mode=0700,uid=$user,gid=$user,size=16m,nosuid,nodev,noexec" cache cache
if [ -n "$npm" ]; then
  mkdir cache/npm
  show "$npm" /cache/npm ,noexec
fi
while [ "$shown" -gt 0 ]; do
  if [ -d "$1" ]; then
    mkdir -p ".$1"
  else
    mkdir -p ".\${1%/*}"
    [ -e ".$1" ] || : > ".$1"
  fi
  show "$1" "$1" ,noexec
  shift
  shown=$((shown - 1))
done
case $proc in
  none) ;;
  look) show /proc /hostproc ,noexec,nosymfollow ;;
  follow) show /proc /hostproc ,noexec ;;
  *) exit 1 ;;
esac
mount -n -t proc -o ro,nosuid,nodev,noexec,subset=pid proc proc
mount -n -o remount,bind,ro,nosuid,nodev,noexec .
pivot_root . old
cd /
"/old$umount" -n -l /old
if [ -e /old/proc ]; then exit 1; fi
if [ "$proc" = look ] && [ -e /hostproc/self/. ]; then exit 1; fi
unset PATH PWD OLDPWD
export DENO_DIR=/cache
exec /setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs \
  --inh-caps "$caps" --ambient-caps "$caps" --bounding-set "$caps" --pdeathsig KILL -- /deno "$@"
`;
