import type { packages } from "../../profiles/packages.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import { openHostPaths } from "../binmond/paths.ts";
import { APK_RECORDS } from "../packages/apk.ts";
import { readRpmPackages } from "../packages/rpm.ts";
import type { Host } from "./host.ts";

/** A row of `packages`. */
export type Package = Omit<Row<typeof packages, "linux">, "platform_data">;

/** The software that dpkg, rpm, apk and pacman have on record; what of it cannot be read is told to `note`. */
export function* readPackages(host: Host, note: (reason: string) => void): Generator<Reading> {
  for (const read of [dpkg, rpm, apk, pacman]) {
    for (const row of read(host, note)) yield { row };
  }
}

/** Paragraphs of fields, as deb822(5) has them; what follows in further lines belongs to nothing that is read here. */
export function* paragraphs(text: string): Generator<ReadonlyMap<string, string>> {
  for (const paragraph of text.split(/\n\n+/)) {
    const fields = new Map<string, string>();
    for (const line of paragraph.split("\n")) {
      const [, name, value] = /^([A-Za-z0-9-]+):[ \t]*(.*)$/.exec(line) ?? [];
      if (name !== undefined) fields.set(name.toLowerCase(), value!);
    }
    if (fields.size > 0) yield fields;
  }
}

const DPKG_LISTS = "/var/lib/dpkg/info";

/** `/var/lib/dpkg/status` (dpkg-query(1)); when it was installed, by the list of its files, which dpkg writes then. */
function* dpkg(host: Host): Generator<Package> {
  const lists = new Set(host.list(DPKG_LISTS));
  for (const fields of paragraphs(host.text("/var/lib/dpkg/status"))) {
    const name = fields.get("package");
    const version = fields.get("version");
    if (!name || !version) continue;
    const architecture = fields.get("architecture") ?? null;
    const [, , state = ""] = (fields.get("status") ?? "").split(" ");
    const list = [`${name}:${architecture}.list`, `${name}.list`].find((one) => lists.has(one));
    const size = Number(fields.get("installed-size"));
    yield {
      name,
      version,
      architecture,
      manager: "dpkg",
      status: state === "installed"
        ? "installed"
        : /^(config-files|not-installed)$/.test(state)
        ? "removed"
        : "broken",
      source: fields.get("source")?.split(" ")[0] ?? null,
      maintainer: fields.get("maintainer") ?? null,
      installed_time: list ? host.info(`${DPKG_LISTS}/${list}`)?.modified ?? null : null,
      installed_size: Number.isSafeInteger(size * 1024) ? size * 1024 : null,
    };
  }
}

/** `rpmdb.sqlite`. */
function* rpm(host: Host, note: (reason: string) => void): Generator<Package> {
  for (
    const { installedTime, installedSize, ...known } of readRpmPackages(
      openHostPaths(host.root),
      note,
    )
  ) {
    yield {
      ...known,
      manager: "rpm",
      status: "installed",
      installed_time: installedTime,
      installed_size: installedSize,
    };
  }
}

/** `installed` of apk: lines of a letter and a value (apk-v2(5)). */
function* apk(host: Host): Generator<Package> {
  const text = APK_RECORDS.map((path) => host.text(path)).find(Boolean) ?? "";
  for (const paragraph of text.split("\n\n")) {
    const field = (letter: string) =>
      paragraph.split("\n").find((line) => line.startsWith(`${letter}:`))?.slice(2) ?? null;
    const [name, version] = [field("P"), field("V")];
    if (!name || !version) continue;
    const size = Number(field("I") ?? NaN);
    yield {
      name,
      version,
      architecture: field("A"),
      manager: "apk",
      status: "installed",
      source: field("o"),
      maintainer: field("m"),
      installed_time: null,
      installed_size: Number.isSafeInteger(size) ? size : null,
    };
  }
}

/** `/var/lib/pacman/local/<name>-<version>/desc`: a name in percent signs, then its lines. */
function* pacman(host: Host): Generator<Package> {
  for (const folder of host.list("/var/lib/pacman/local")) {
    const text = host.text(`/var/lib/pacman/local/${folder}/desc`);
    const field = (name: string) => new RegExp(`^%${name}%\\n(.+)$`, "m").exec(text)?.[1] ?? null;
    const [name, version] = [field("NAME"), field("VERSION")];
    if (!name || !version) continue;
    const [installed, size] = [Number(field("INSTALLDATE") ?? NaN), Number(field("SIZE") ?? NaN)];
    yield {
      name,
      version,
      architecture: field("ARCH"),
      manager: "pacman",
      status: "installed",
      source: field("BASE"),
      maintainer: field("PACKAGER"),
      installed_time: Number.isSafeInteger(installed) ? installed * 1000 : null,
      installed_size: Number.isSafeInteger(size) ? size : null,
    };
  }
}
