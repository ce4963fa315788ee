import process from "node:process";

/** What Deno's types of node:process leave out. */
interface WithThread {
  threadCpuUsage(): { readonly user: number; readonly system: number };
}

/** ms of processor time that this thread has used: on a busy machine everything takes longer, and no more of it. */
export function cpuTime(): number {
  const { user, system } = (process as unknown as WithThread).threadCpuUsage();
  return (user + system) / 1_000;
}
