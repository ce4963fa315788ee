import type { OperationalProblem } from "../operational.ts";
import type { HealthState } from "./state.ts";

/** A disk with less than this share of it, and less than these bytes, is low. */
const LOW_SHARE = 0.05;
const LOW_BYTES = 1_000_000_000;
/** So little is low whatever the size of the disk. */
const VERY_LOW_BYTES = 100_000_000;

/** A clock that has gone so much further than time has, or so much less far, was set: ms. */
const JUMP = 10_000;

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
  for (const { sink, breaker, waiting, dead, last_error } of sinks) {
    const old = before?.sinks.find((one) => one.sink === sink);
    const reason = last_error ?? null;
    if (breaker === "open" || breaker === "half_open") {
      yield {
        key: ["sink", sink],
        title: `Sink ${sink} is down: ${reason ?? "it does not say why"}`,
        description: "Alerts wait for it in the store and are delivered once it is back.",
        severity: "high",
        data: { sink, waiting, reason },
      };
    }
    const given_up = dead - (old?.dead ?? dead);
    if (given_up > 0) {
      yield {
        key: ["dead_letters", sink],
        title: `Sink ${sink} did not take ${given_up} alerts`,
        description: "They are tried no more. daemoneye alerts list --undelivered shows them, " +
          "daemoneye alerts retry delivers them again.",
        severity: "high",
        data: { sink, given_up, dead, reason },
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
