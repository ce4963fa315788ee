import { assert } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { has, isLinux } from "../support.ts";
import { output } from "../binmond/readelf.ts";
import { type MadeHost, makeHost } from "./host.ts";

const SPEC = `
Name: example
Version: 1
Release: 1
Epoch: 2
Packager: Example <packager@example.org>
Summary: x
License: MIT
%description
x
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/bin %{buildroot}/etc
echo one > %{buildroot}/usr/bin/example
echo two > %{buildroot}/bin/old
echo three > %{buildroot}/etc/example.conf
%files
/usr/bin/example
/bin/old
%config /etc/example.conf
`;

/** What it takes to install packages with rpm. */
export const needs = { Linux: isLinux, rpm: has("rpm"), rpmbuild: has("rpmbuild") };

/** A host on which rpm has installed a package. */
export function installed(): MadeHost {
  const host = makeHost({ "/build/example.spec": SPEC });
  const { root } = host;
  const define = (name: string, value: string) => ["--define", `${name} ${value}`];
  // deno-fmt-ignore
  output("rpmbuild", "-bb", "--quiet", ...define("_topdir", `${root}/build`), ...define("debug_package", "%{nil}"),
    ...define("__os_install_post", "%{nil}"), `${root}/build/example.spec`);
  const [file] = output("find", `${root}/build`, "-name", "*.rpm").trim().split("\n");
  // deno-fmt-ignore
  output("rpm", "--root", root, ...define("_dbpath", "/var/lib/rpm"), "-i", "--nodeps", "--ignorearch", "--force-debian", file!);
  return host;
}

/** Leaves the database of {@linkcode installed} as it is when all programs have closed it. */
export function closeLog({ root }: MadeHost): void {
  const file = `${root}/var/lib/rpm/rpmdb.sqlite`;
  using database = new DatabaseSync(file);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  for (const end of ["-wal", "-shm"]) {
    try {
      Deno.removeSync(file + end);
    } catch (error) {
      assert(error instanceof Deno.errors.NotFound);
    }
  }
}
