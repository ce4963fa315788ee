import type { Frame, FrameFormat } from "./frame.ts";
import { createPcap, isPcap } from "./pcap.ts";
import { createPcapng, isPcapng } from "./pcapng.ts";

/** Says that bytes are no capture, and what would be. */
export const NO_CAPTURE = "neither pcap nor pcapng, as tcpdump -w and Wireshark write them";

/** Reads a capture as it comes. */
export interface CaptureReader {
  /**
   * Takes the next bytes of it. They must not be changed while frames made of them are in use.
   *
   * @throws {SyntaxError} where they are neither pcap nor pcapng, or damaged; frames before that have been handed out
   */
  push(chunk: Uint8Array): void;
  /** Bytes at the end that are no whole packet. */
  rest(): number;
}

/** Makes a {@linkcode CaptureReader} for a pcap or pcapng file, which its first bytes tell. */
export function createCaptureReader(take: (frame: Frame) => void): CaptureReader {
  let format: FrameFormat | undefined;
  let kept = new Uint8Array(0);
  return {
    push(chunk) {
      let bytes = chunk;
      if (kept.length > 0) {
        bytes = new Uint8Array(kept.length + chunk.length);
        bytes.set(kept);
        bytes.set(chunk, kept.length);
      }
      let at = 0;
      if (!format && bytes.length >= 4) format = formatOf(bytes);
      while (format) {
        const next = format.step(bytes, at, take);
        if (next === at) break;
        at = next;
      }
      kept = bytes.slice(at);
    },
    rest: () => kept.length,
  };
}

function formatOf(bytes: Uint8Array): FrameFormat {
  const magic = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  if (isPcap(magic)) return createPcap();
  if (isPcapng(magic)) return createPcapng();
  throw new SyntaxError(NO_CAPTURE);
}
