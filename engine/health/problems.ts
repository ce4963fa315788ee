import type { OperationalProblem } from "../operational.ts";
import type { MemoryState } from "../memory_pressure.ts";
import type { Condition } from "./episodes.ts";
import type { SinkStatus } from "../delivery/mod.ts";
import type { HealthState } from "./state.ts";

/** A disk with less than this share of it, and less than these bytes, is low. */
const LOW_SHARE = 0.05;
const LOW_BYTES = 1_000_000_000;
/** So little is low whatever the size of the disk. */
const VERY_LOW_BYTES = 100_000_000;

/** A clock that has gone so much further than time has, or so much less far, was set: ms. */
const JUMP = 10_000;

/** What can go on for a while, whether it does or not: it is told when it begins and when it is over. */
export function conditionsOf({ sinks, scarcity }: HealthState): Condition[] {
  const configured = sinks.filter((sink) => sink.configured);
  return [...configured.map(sinkCondition), memoryCondition(scarcity)];
}

function memoryCondition({ thrifty, factor, reason }: MemoryState): Condition {
  const why = reason ?? "it was a moment ago";
  return {
    id: "memory",
    size: factor,
    ...(thrifty && {
      problem: {
        key: ["memory", "scarce"],
        title: `Memory is scarce: ${why}`,
        description:
          "Collectors send small batches and hash with small buffers; where that is not " +
          "enough, scans become more seldom, up to eight times. What is found stays whole.",
        severity: "medium",
        data: { reason: why, factor },
      },
    }),
    over: ({ lasted, most }) => ({
      key: ["memory", "enough"],
      title: `There is enough memory again after ${Math.ceil(lasted / 1000)} seconds`,
      description: "Scans are as often as they should be" +
        (most > 1 ? `; they were up to ${most} times as seldom.` : ", as they were all the time."),
      severity: "low",
      data: { seconds: Math.ceil(lasted / 1000), factor: most },
    }),
  };
}

function sinkCondition(
  { sink, breaker, waiting, last_delivery, last_error }: SinkStatus,
): Condition {
  const reason = last_error ?? null;
  const down = breaker === "open" || breaker === "half_open";
  return {
    id: `sink ${sink}`,
    size: waiting,
    // Where nothing was sent since the sinks were configured anew, nothing says that it is back.
    proof: last_delivery ?? null,
    ...(down && {
      problem: {
        key: ["sink", sink, "down"],
        title: `Sink ${sink} is down: ${reason ?? "it does not say why"}`,
        description:
          "Alerts wait for it in the store and are delivered once it is back. This one " +
          "goes to the other sinks.",
        severity: "high",
        data: { sink, state: "down", waiting, reason },
      },
    }),
    over: ({ lasted, most }) => ({
      key: ["sink", sink, "back"],
      title: `Sink ${sink} is back after ${Math.ceil(lasted / 1000)} seconds`,
      description: `${most} alerts waited for it at most` +
        (waiting > 0 ? `, ${waiting} still do.` : "; all of them were told, or given up."),
      severity: "medium",
      data: { sink, state: "back", seconds: Math.ceil(lasted / 1000), waited: most, waiting },
    }),
  };
}

/** What keeps an agent from watching as it should, from what has happened since it was last looked at. */
export function problemsOf(state: HealthState, before?: HealthState): OperationalProblem[] {
  return [
    ...collectorProblems(state, before),
    ...sinkProblems(state, before),
    ...hostProblems(state, before),
  ];
}

function* collectorProblems(
  { collectors }: HealthState,
  before?: HealthState,
): Generator<OperationalProblem> {
  for (const { name, state, reason, tables, report } of collectors) {
    const old = before?.collectors.find((one) => one.name === name);
    const restarts = report?.restarts ?? 0;
    const why = reason ?? report?.problem ?? "it does not say why";
    const data = { collector: name, state, reason: why, tables: [...tables], restarts };
    if (state === "given_up") {
      yield {
        key: ["collector", name, state],
        title: `Collector ${name} is down: ${why}`,
        description: "It has failed so often that it is left alone for a while. What detections " +
          "read from its tables is not watched until then. daemoneye collectors tells more.",
        severity: "high",
        data,
      };
    } else if (
      restarts > (old?.report?.restarts ?? 0) || state === "waiting" && old?.state !== "waiting"
    ) {
      yield {
        key: ["collector", name, "failed"],
        title: `Collector ${name} failed: ${why}`,
        description: "It is started again. What happened meanwhile may not have been seen. " +
          "daemoneye collectors tells more.",
        severity: "medium",
        data,
      };
    }
    const lost = (report?.dropped ?? 0) - (old?.report?.dropped ?? 0);
    if (lost > 0) {
      yield {
        key: ["dropped", name],
        title: `Collector ${name} lost ${lost} records`,
        description: "Records or messages were lost or refused. The detections that read its " +
          "tables have seen a part only. A host under load may be the cause, or somebody who " +
          "makes noise to hide in it.",
        severity: "medium",
        data: { collector: name, lost, problem: report?.problem ?? null },
      };
    }
  }
}

function* sinkProblems(
  { sinks }: HealthState,
  before?: HealthState,
): Generator<OperationalProblem> {
  for (const { sink, dead, last_error } of sinks) {
    const old = before?.sinks.find((one) => one.sink === sink);
    const reason = last_error ?? null;
    const given_up = dead - (old?.dead ?? dead);
    if (given_up > 0) {
      yield {
        key: ["dead_letters", sink],
        title: `Sink ${sink} did not take ${given_up} alerts`,
        description: "They are tried no more. daemoneye alerts list --undelivered shows them, " +
          "daemoneye alerts retry delivers them again.",
        severity: "high",
        data: { sink, state: "refuses", given_up, dead, reason },
      };
    }
  }
}

function* hostProblems(
  { now, elapsed, space: { disk, store }, audit }: HealthState,
  before?: HealthState,
): Generator<OperationalProblem> {
  const jump = before ? now - before.now - (elapsed - before.elapsed) : 0;
  if (Math.abs(jump) > JUMP) {
    const seconds = Math.round(jump / 1000);
    yield {
      key: ["clock", jump > 0 ? "forward" : "back"],
      title: `The clock was set ${jump > 0 ? "forward" : "back"} by ${Math.abs(seconds)} seconds`,
      description: "Times of rows and alerts before and after do not fit together; windows of " +
        "suppression and lookback are shorter or longer by so much. A host that slept does the same.",
      severity: "medium",
      data: { seconds },
    };
  }
  const low = disk &&
    (disk.free < VERY_LOW_BYTES || disk.free < LOW_BYTES && disk.free < disk.size * LOW_SHARE);
  if (low) {
    yield {
      key: ["disk"],
      title: `The disk of the store is almost full: ${Math.floor(disk.free / 1e6)} MB are left`,
      description: "When it is full, rows of scans are not stored any more, and then alerts.",
      severity: "high",
      data: { free: disk.free, size: disk.size, store },
    };
  }
  if (audit.waiting + audit.lost > 0) {
    yield {
      key: ["audit"],
      title: "The audit log cannot be written",
      description: "Entries wait in memory, and are lost when they are too many.",
      severity: "high",
      data: { waiting: audit.waiting, lost: audit.lost },
    };
  }
}

/** That the audit log is not as it was left; why, in words. */
export function auditProblem(reason: string): OperationalProblem {
  return {
    key: ["audit", "unsound"],
    title: reason,
    description: "Somebody has changed or cut the audit log while no agent ran, or a disk has " +
      "lost what it was given. daemoneye audit verify tells where.",
    severity: "high",
    data: { reason },
  };
}
