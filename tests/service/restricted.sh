# Runs a program as the unit does, as far as that can be had without systemd: the mounts of ProtectSystem=strict,
# ProtectHome=read-only, ProtectKernelTunables and ProtectControlGroups, CapabilityBoundingSet and NoNewPrivileges.
# Arguments: a folder that may be written to besides /run; the capabilities, as setpriv writes them; the program and its arguments.
set -eu
folder=$1 caps=$2
shift 2
mount -n --bind "$folder" "$folder"
mount -n --rbind /run /run
while read -r _ _ _ _ at _; do
  case $at in
    /proc | /proc/* | /dev | /dev/*) ;;
    "$folder" | /run | /run/*) ;;
    *) mount -n -c -o remount,bind,ro none "$at" 2> /dev/null || true ;;
  esac
done < /proc/self/mountinfo
mount -n --bind /proc/sys /proc/sys
mount -n -o remount,bind,ro none /proc/sys
if (: > /usr/daemoneye-probe) 2> /dev/null; then
  echo "/usr can be written to" >&2
  exit 99
fi
exec setpriv --no-new-privs --bounding-set "$caps" --inh-caps=-all -- "$@"
