import { join } from "@std/path";
import type { Secret } from "./fields.ts";
import { secretsOf, type SinkOptions } from "./options.ts";
import { parseAddress } from "./syslog/address.ts";

/** What a process needs to deliver to sinks, as Deno's permission flags name it. */
export interface SinkNeeds {
  /** Hosts with ports, and `unix:` with paths. */
  readonly net: readonly string[];
  /** Files. */
  readonly read: readonly string[];
  /** Files. */
  readonly write: readonly string[];
  /** Environment variables. */
  readonly env: readonly string[];
}

/** What sinks need together: their targets alone, each thing once. Those at a unix socket need a folder to work in. */
export function sinkNeeds(sinks: readonly SinkOptions[], folder: string | undefined): SinkNeeds {
  const needs = sinks.map((sink, index) => needsOf(sink, folder && ownSocket(folder, index)));
  const all = (kind: keyof SinkNeeds) => [...new Set(needs.flatMap((one) => one[kind] ?? []))];
  return { net: all("net"), read: all("read"), write: all("write"), env: all("env") };
}

/** Whether a sink needs a folder to work in. */
export function needsFolder(sink: SinkOptions): boolean {
  return sink.type === "syslog" && sink.address.startsWith("unix:");
}

/** Where the sink with a number opens a socket of its own in a folder. */
export function ownSocket(folder: string, index: number): string {
  return join(folder, `${index}.sock`);
}

function needsOf(sink: SinkOptions, socket: string | undefined): Partial<SinkNeeds> {
  switch (sink.type) {
    case "stdout":
      return {};
    case "file": {
      const rotated = Array.from({ length: sink.keep }, (_, at) => `${sink.path}.${at + 1}`);
      const files = [sink.path, ...rotated];
      return { read: files, write: files };
    }
    case "syslog": {
      const address = parseAddress(sink.address);
      if (typeof address === "string") throw new TypeError(address);
      if (address.transport === "unix") {
        const paths = [address.path, ...socket === undefined ? [] : [socket]];
        return { net: paths.map((path) => `unix:${path}`), read: paths, write: paths };
      }
      const { hostname, port, transport } = address;
      const any = hostname.includes(":") ? "[::]:0" : "0.0.0.0:0";
      return {
        net: [hostPort(hostname, port), ...transport === "udp" ? [any] : []],
        read: sink.ca === undefined ? [] : [sink.ca],
      };
    }
    case "webhook": {
      const secrets = secretsOf(sink).map(([, secret]) => secret);
      return {
        net: [sink.url, ...sink.proxy ? [sink.proxy.url] : []].map(hostOf),
        read: [...secrets.flatMap(fileOf), ...sink.ca === undefined ? [] : [sink.ca]],
        env: secrets.flatMap((one) => typeof one === "object" && "env" in one ? [one.env] : []),
      };
    }
  }
}

function fileOf(secret: Secret): readonly string[] {
  return typeof secret === "object" && "file" in secret ? [secret.file] : [];
}

function hostOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}

function hostPort(hostname: string, port: number): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
