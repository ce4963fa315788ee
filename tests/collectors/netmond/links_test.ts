import { assertEquals } from "@std/assert";
import { linkType } from "../../../collectors/netmond/link_type.ts";
import { readLinks } from "../../../collectors/netmond/links.ts";
import { isLinux, testWith } from "../support.ts";

const CARD = {
  type: 1,
  devtype: undefined,
  hardware: true,
  tun: false,
  noarp: false,
  linked: false,
};

Deno.test("linkType() tells kinds of interfaces by the marks that the kernel gives them", () => {
  const virtual = { ...CARD, hardware: false };
  for (
    const [marks, type] of [
      [CARD, "ethernet"],
      [{ ...CARD, devtype: "wlan" }, "wifi"],
      [{ ...virtual, type: 772 }, "loopback"],
      [{ ...virtual, devtype: "bridge" }, "bridge"],
      [{ ...virtual, devtype: "bond" }, "bond"],
      [{ ...virtual, devtype: "vlan", linked: true }, "vlan"],
      [{ ...virtual, devtype: "macvlan", linked: true }, "other"],
      [{ ...virtual, devtype: "wireguard", type: 65534 }, "tunnel"],
      [{ ...virtual, devtype: "vxlan" }, "tunnel"],
      [{ ...virtual, type: 768 }, "tunnel"],
      [{ ...virtual, type: 65534, tun: true }, "tunnel"],
      [{ ...virtual, tun: true }, "tunnel"],
      [{ ...virtual, type: 512 }, "ppp"],
      [{ ...virtual, linked: true }, "veth"],
      // Interfaces of the drivers dummy and ifb.
      [{ ...virtual, noarp: true }, "other"],
      [{ ...virtual, type: 824 }, "other"],
    ] as const
  ) assertEquals(linkType(marks), type, JSON.stringify(marks));
});

testWith({ Linux: isLinux }, "readLinks() reads interfaces below a root", async () => {
  const root = await Deno.makeTempDir();
  const add = async (name: string, target: string, files: Record<string, string>) => {
    await Deno.mkdir(`${root}/class/net`, { recursive: true });
    await Deno.symlink(target, `${root}/class/net/${name}`);
    const folder = `${root}/class/net/${target}`;
    await Deno.mkdir(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${file}`, text);
    }
  };
  await Deno.mkdir(`${root}/outside`);
  const card = {
    flags: "0x1103\n",
    type: "1\n",
    iflink: "2\n",
    ifindex: "2\n",
    uevent: "INTERFACE=eth0\nIFINDEX=2\n",
    address: "52:54:00:12:34:56\n",
    mtu: "1500\n",
    link_mode: "0\n",
  };
  await add("eth0", "../../devices/pci0/net/eth0", {
    ...card,
    operstate: "lowerlayerdown\n",
    carrier: "0\n",
    speed: "-1\n",
    duplex: "unknown\n",
  });
  await Deno.symlink("../../../pci0", `${root}/devices/pci0/net/eth0/device`);
  await Deno.symlink("../../../virtual/net/br0", `${root}/devices/pci0/net/eth0/master`);
  await add("tun0", "../../devices/virtual/net/tun0", {
    ...card,
    flags: "0x1090\n",
    type: "65534\n",
    tun_flags: "0x1001\n",
    address: "\n",
    operstate: "down\n",
    link_mode: "1\n",
  });
  await add("lo", "../../devices/virtual/net/lo", {
    ...card,
    flags: "0x9\n",
    type: "772\n",
    address: "00:00:00:00:00:00\n",
    operstate: "unknown\n",
    carrier: "1\n",
    link_mode: "7\n",
  });
  // Neither is an interface: a file that the bonding driver puts there, and a link that leads out.
  await Deno.writeTextFile(`${root}/class/net/bonding_masters`, "\n");
  await Deno.symlink("../../devices/../outside", `${root}/class/net/evil`);
  await Deno.writeTextFile(`${root}/outside/flags`, "0x1\n");

  const none = {
    speed: null,
    duplex: null,
    carrier: null,
    promiscuous: false,
    platform_data: null,
  };
  assertEquals(Object.fromEntries(readLinks(root)), {
    eth0: {
      ...none,
      interface_type: "ethernet",
      status: "down",
      mac_address: "52:54:00:12:34:56",
      mtu: 1500,
      duplex: "unknown",
      carrier: false,
      promiscuous: true,
      platform_data: '{"master":"br0"}',
      operstate: "lower_layer_down",
      link_mode: "default",
    },
    tun0: {
      ...none,
      interface_type: "tunnel",
      status: "down",
      mac_address: null,
      mtu: 1500,
      operstate: "down",
      link_mode: "dormant",
    },
    lo: {
      ...none,
      interface_type: "loopback",
      status: "up",
      mac_address: "00:00:00:00:00:00",
      mtu: 1500,
      carrier: true,
      operstate: "unknown",
      link_mode: null,
    },
  });
  assertEquals(readLinks(`${root}/nowhere`).size, 0);
  await Deno.remove(root, { recursive: true });
});
