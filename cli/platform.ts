import type { Platform } from "../schema/types.ts";

const PLATFORM_OF_OS: Partial<Record<typeof Deno.build.os, Platform>> = {
  linux: "linux",
  darwin: "macos",
  windows: "windows",
};

/**
 * The platform of this host.
 *
 * @throws {RangeError} on an operating system that the toolkit does not know
 */
export function hostPlatform(): Platform {
  const platform = PLATFORM_OF_OS[Deno.build.os];
  if (platform) return platform;
  throw new RangeError(`${Deno.build.os} is not supported; linux, macos and windows are`);
}
