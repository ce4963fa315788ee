import { addressClass } from "../../dialect/mod.ts";
import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { type Analysis, createAnalyser } from "./analyser.ts";
import { createCaptureReader, NO_CAPTURE } from "./capture/reader.ts";
import { connectionIdOf } from "./connection_id.ts";
import type { Side } from "./exchange.ts";
import type { Flow } from "./flow.ts";
import { createIndicatorReader } from "./indicators/mod.ts";
import { captureReader } from "./mod.ts";
import type { Party } from "./parties.ts";
import { analysisReading, trafficRow } from "./rows.ts";

/** Bytes that are read at a time. */
const CHUNK = 1 << 20;

/** What a file holds, and what of it was not read, in words. */
interface Read {
  readonly analysis: Analysis;
  readonly missing: readonly string[];
}

let known: Read | undefined;

/**
 * Reads a capture file.
 *
 * @throws {SyntaxError} where it is none
 */
export function readCapture(file: string, deadline: number): Read {
  const analyser = createAnalyser();
  const reader = createCaptureReader(analyser.add);
  const missing: string[] = [];
  let size = 0;
  using opened = Deno.openSync(file);
  try {
    for (;;) {
      if (performance.now() > deadline) {
        missing.push(`only ${size} bytes of the file were read in time`);
        break;
      }
      // Frames are parts of it.
      const chunk = new Uint8Array(CHUNK);
      const length = opened.readSync(chunk);
      if (length === null) break;
      size += length;
      reader.push(chunk.subarray(0, length));
    }
    if (size < 4) throw new SyntaxError(NO_CAPTURE);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (analyser.analysis.flows.length === 0) throw new SyntaxError(`${file}: ${error.message}`);
    missing.push(`the file is damaged: ${error.message}`);
  }
  if (missing.length === 0 && reader.rest() > 0) {
    missing.push(`the file ends within a packet, of which it has ${reader.rest()} bytes`);
  }
  const analysis = analyser.end();
  if (analysis.lost > 0) {
    missing.push(`${analysis.lost} packets, connections or exchanges were too many`);
  }
  return { analysis, missing };
}

/** An end of a flow: nobody knows the processes. */
function partyAt({ transport, source, destination }: Flow, side: Side): Party {
  const [near, far] = side === 0 ? [source, destination] : [destination, source];
  return {
    side,
    connection_id: connectionIdOf(transport, near, far),
    pid: null,
    process_key: null,
  };
}

/** The end of a flow that the capture is taken to be of: what comes from a public address alone comes in. */
function nearSide({ source, destination }: Flow): Side {
  const isPublic = (address: string) => addressClass(address) === "public";
  return isPublic(source.address) && !isPublic(destination.address) ? 1 : 0;
}

const readIndicators = createIndicatorReader();

function collect(
  { table, keys, resources = [] }: TaskMessage,
  { captureFile, deadline, partial }: CollectorContext,
): Iterable<Reading> {
  if (table === "threat_indicators") return keys ? readIndicators(keys, resources, Date.now()) : [];
  if (captureFile === undefined) throw new Error("there is no file to be read");
  const { analysis, missing } = known ??= readCapture(captureFile, deadline);
  for (const reason of missing) partial?.(reason);
  const now = Date.now();
  if (table === "network_traffic") {
    return analysis.flows.map((flow) => ({
      row: trafficRow(flow, partyAt(flow, nearSide(flow)), now),
    }));
  }
  // Detections ask for what clients do, or servers; a capture shows both.
  return analysis.exchanges.flatMap((one) =>
    ([0, 1] as const).map((side) => analysisReading(one, partyAt(one.flow, side), false))
  );
}

if (import.meta.main) await runCollector(defineCollector({ ...captureReader(""), collect }));
