/** A packet as it was captured. */
export interface Frame {
  /** When, ms since the epoch, with a fraction. */
  readonly time: number;
  /** What it begins with: a number of https://www.tcpdump.org/linktypes.html. */
  readonly link: number;
  /** What was kept of it. */
  readonly bytes: Uint8Array;
}

/** Frames longer than this are none: no capture keeps so much of a packet, only a damaged file says so. */
export const MAX_FRAME = 1 << 20;

/** Reads one format piece by piece. */
export interface FrameFormat {
  /**
   * Reads the record that begins at an offset; answers where the next begins, or the same offset where more bytes are
   * needed.
   *
   * @throws {SyntaxError} where there is no such record
   */
  readonly step: (bytes: Uint8Array, at: number, take: (frame: Frame) => void) => number;
}
