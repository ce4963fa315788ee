import { assertEquals, assertMatch } from "@std/assert";
import { openProcFiles } from "../../../collectors/proc/files.ts";
import { createSchedules, readSchedule } from "../../../collectors/procmond/schedules.ts";
import { isLinux, linkOf, run, testWith, textOf, until } from "../support.ts";

const hasSchedstat = isLinux && /^[1-9]/.test(textOf("/proc/self/schedstat"));

testWith(
  { "CONFIG_SCHED_INFO": hasSchedstat },
  "createSchedules() tells what has run, as long as it lives, through files that it holds",
  async () => {
    const files = openProcFiles("/proc");
    const held = () =>
      [...Deno.readDirSync("/proc/self/fd")]
        .filter(({ name }) => linkOf(`/proc/self/fd/${name}`).endsWith("/schedstat")).length;
    const schedules = createSchedules();
    {
      await using sleeper = run("sleep", ["100"]);
      const { pid } = sleeper;
      await until("it sleeps", () => / S /.test(textOf(`/proc/${pid}/stat`)));
      schedules.keep(files, [pid]);
      const first = schedules.of(files, pid);
      assertMatch(first!, /^\d+ \d+ \d+\n$/);
      assertEquals(schedules.of(files, pid), first);
      assertEquals(readSchedule(files, pid), first);
      assertEquals(held(), 1);
      sleeper.kill("SIGSTOP");
      await until("it has stopped", () => / T /.test(textOf(`/proc/${pid}/stat`)));
      sleeper.kill("SIGCONT");
      await until("it has run", () => schedules.of(files, pid) !== first);
      assertEquals(readSchedule(files, pid), schedules.of(files, pid));
      sleeper.kill("SIGKILL");
      await sleeper.status;
      assertEquals(schedules.of(files, pid), undefined, "it has ended");
      assertEquals(held(), 0);
    }
    schedules.of(files, Deno.pid);
    assertEquals(held(), 1);
    schedules.keep(files, []);
    assertEquals(held(), 0);
  },
);
