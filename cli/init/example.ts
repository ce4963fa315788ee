/** Name of the detection that a new repository begins with. */
export const EXAMPLE_NAME = "program_in_shared_memory";

/** Where it lies. */
export const EXAMPLE_PATH: string = `detections/execution/${EXAMPLE_NAME}.sql`;

/**
 * A detection that lint finds no fault with.
 *
 * @param id its UUID; each repository has its own
 * @param date when it was written, an ISO date
 */
export function exampleDetection(id: string, date: string): string {
  return `---
id: ${id}
title: Program started from shared memory
description: >-
  Software is not installed in /dev/shm. What runs there was put there to leave no trace on disk.
status: test
severity: high
date: ${date}
tags: [attack.execution, attack.defense-evasion, attack.t1036.005]
platforms: [linux]
references: ["https://attack.mitre.org/techniques/T1036/005/"]
falsepositives: [Self-extracting installers]
alert: { title: "{{name}} runs from {{executable_path}}", entity: [process_key] }
runbook: |-
  1. Keep a copy of the program: /proc/PID/exe has it also after it was deleted.
  2. Look for what started it: parent_process, and who user_name is.
  3. If nobody installed it, isolate the host.
---
SELECT pid, process_key, name, executable_path, command_line, user_name, parent_process
FROM processes
WHERE executable_path GLOB '/dev/shm/*'
`;
}

/** Its cases by file name: one that fires, and one with what must stay silent. */
export const EXAMPLE_CASES: Readonly<Record<string, string>> = {
  "fires.yaml": `case: a program in shared memory
tables:
  processes:
    - pid: 4100
      start_time: -1m
      name: x
      executable_path: /dev/shm/.cache/x
expect:
  alerts:
    - pid: 4100
      $severity: high
      $title: x runs from /dev/shm/.cache/x
`,
  "silent.yaml": `case: programs that only look like it
tables:
  processes:
    - pid: 4101
      start_time: -1m
      name: cat
      executable_path: /usr/bin/cat
      command_line: cat /dev/shm/x
    - pid: 4102
      start_time: -1m
      name: y
      executable_path: /dev/shmem/y
    - pid: 4103
      start_time: -1m
      name: z
      executable_path: /srv/dev/shm/z
    - pid: 4104
      start_time: -1m
      name: kworker/0:1
      kernel_thread: true
      executable_path: null
expect:
  alerts: []
`,
};
