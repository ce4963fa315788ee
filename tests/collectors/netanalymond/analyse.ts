import { type Analysis, createAnalyser } from "../../../collectors/netanalymond/analyser.ts";
import { createCaptureReader } from "../../../collectors/netanalymond/capture/reader.ts";

/** Analyses a capture, given in pieces of a size that tests choose. */
export function analyse(bytes: Uint8Array, piece = 65_536): Analysis {
  const analyser = createAnalyser();
  const reader = createCaptureReader(analyser.add);
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
  return analyser.end();
}

/** What tests compare of exchanges. */
export function brief({ exchanges }: Analysis): Record<string, unknown>[] {
  return exchanges.map(({ flow, time: _, more: __, ...rest }) => ({
    from: `${flow.source.address} ${flow.source.port}`,
    to: `${flow.destination.address} ${flow.destination.port}`,
    ...rest,
  }));
}
