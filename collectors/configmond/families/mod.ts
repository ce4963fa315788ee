import type { Family } from "../setting.ts";
import { PLAIN } from "./plain.ts";
import { sshd } from "./sshd.ts";
import { sudoers } from "./sudoers.ts";
import { sysctl } from "./sysctl.ts";
import { units } from "./units.ts";

/** Every family of settings that is read. */
export const FAMILIES: readonly Family[] = [sysctl, sshd, sudoers, ...PLAIN, units];
