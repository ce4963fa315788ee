import type { RecordBatch } from "../schema/batch.ts";

/**
 * Pages of the scans that were begun last, while they are in memory anyway: a scan is evaluated right after it was stored,
 * and most of what that takes would be reading again what had just been written.
 */
export interface FreshPages {
  /** Forgets all scans but the one that was begun before: it may still be written. */
  begin(scan_id: number): void;
  /** Notes the next page of a table, of a scan that is not forgotten. */
  add(scan_id: number, table: string, page: RecordBatch): void;
  /** All pages of a table of a scan, unless one of them is gone. */
  of(scan_id: number, table: string): readonly RecordBatch[] | undefined;
}

/** Scans whose pages are known. */
const SCANS = 2;

/** Begins with no page. Pages are held weakly: nothing stays in memory for it. */
export function freshPages(): FreshPages {
  let scans = new Map<number, Map<string, WeakRef<RecordBatch>[]>>();
  return {
    begin(scan_id) {
      scans = new Map([...scans].slice(1 - SCANS));
      scans.set(scan_id, new Map());
    },
    add(scan_id, table, page) {
      const pages = scans.get(scan_id);
      const known = pages?.get(table) ?? [];
      known.push(new WeakRef(page));
      pages?.set(table, known);
    },
    of(scan_id, table) {
      const found = scans.get(scan_id)?.get(table)?.map((page) => page.deref());
      return found?.every((page) => page !== undefined) ? found : undefined;
    },
  };
}
