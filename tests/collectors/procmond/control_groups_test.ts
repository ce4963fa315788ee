import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseControlGroups } from "../../../collectors/procmond/control_groups.ts";

const ID = "0123456789abcdef".repeat(4);

Deno.test("parseControlGroups() reads both versions of control groups", () => {
  const { json, container_id } = parseControlGroups(
    "9:name=systemd:/\n3:cpu,cpuacct:/user.slice\n0::/system.slice/a:b.service\n",
  );
  assertEquals(JSON.parse(json), [
    { hierarchy: 9, controllers: ["name=systemd"], path: "/" },
    { hierarchy: 3, controllers: ["cpu", "cpuacct"], path: "/user.slice" },
    { hierarchy: 0, controllers: [], path: "/system.slice/a:b.service" },
  ]);
  assertEquals(container_id, null);
});

Deno.test("parseControlGroups() finds the container", () => {
  for (
    const [path, id] of [
      [`/docker/${ID}`, ID],
      [`/system.slice/docker-${ID}.scope`, ID],
      [`/system.slice/docker-${ID}.scope/init.scope`, ID],
      [`/kubepods/besteffort/pod8a2f/${ID}`, ID],
      [
        `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f.slice/cri-containerd-${ID}.scope`,
        ID,
      ],
      [`/kubepods.slice/kubepods-pod1f.slice/crio-${ID}.scope`, ID],
      [`/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:${ID}`, ID],
      [`/machine.slice/libpod-${ID}.scope/container`, ID],
      [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, ID],
      [`/machine.slice/libpod-conmon-${ID}.scope`, ID],
      ["/lxc/web01", "web01"],
      ["/lxc.payload.web01/system.slice/ssh.service", "web01"],
      ["/lxc.payload/web01", "web01"],
      ["/machine.slice/systemd-nspawn@build.service/payload", "build"],
      ["/machine.slice/machine-build\\x2dhost.scope", "build-host"],
      ["/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", null],
      ["/user.slice/user-1000.slice/session-2.scope", null],
      [`/system.slice/${ID}ff.service`, null],
      ["/", null],
    ] as const
  ) assertEquals(parseControlGroups(`0::${path}\n`).container_id, id, path);
});

Deno.test("parseControlGroups() reads any text without being slowed down", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    JSON.parse(parseControlGroups(text).json);
    parseControlGroups(`0::/${text}\n`);
  }));
  const started = performance.now();
  parseControlGroups(`0::/${"lxc/machine-".repeat(100_000)}\n`);
  parseControlGroups(`0::/${"a".repeat(4_000_000)}\n`);
  assertEquals(performance.now() - started < 10_000, true);
});
