# Boots systemd in namespaces of its own over a copy of this host's root that is thrown away, with nothing to do but the
# unit of the agent. Arguments: a folder for it, the root that install-service has written to.
set -eu
top=$1 files=$2
mount -t tmpfs -o size=600m tmpfs "$top"
mkdir "$top/upper" "$top/work" "$top/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$top/upper,workdir=$top/work" "$top/root"
cp -r "$files/etc" "$top/root"
cd "$top/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs run
mkdir -p etc/systemd/system/daemoneye.service.d old
printf '[Unit]\nDefaultDependencies=no\n[Service]\nStandardOutput=file:/run/out\nStandardError=file:/run/err\n' \
  > etc/systemd/system/daemoneye.service.d/try.conf
printf '[Unit]\nDefaultDependencies=no\nAllowIsolate=yes\nWants=daemoneye.service\n' > etc/systemd/system/try.target
pivot_root . old
exec chroot . env -i container=try PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=try.target --log-target=console --show-status=0
