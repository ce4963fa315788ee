import type { RecordBatch } from "../schema/batch.ts";

/**
 * Pages of the scan that was written last, while they are in memory anyway: a scan is evaluated right after it was stored,
 * and most of what that takes would be reading again what had just been written.
 */
export interface FreshPages {
  /** Forgets the scan before. */
  begin(scan_id: number): void;
  /** Notes the next page of a table. */
  add(table: string, page: RecordBatch): void;
  /** All pages of a table of a scan, unless one of them is gone. */
  of(scan_id: number, table: string): readonly RecordBatch[] | undefined;
}

/** Begins with no page. Pages are held weakly: nothing stays in memory for it. */
export function freshPages(): FreshPages {
  let scan: number | undefined;
  let pages = new Map<string, WeakRef<RecordBatch>[]>();
  return {
    begin(scan_id) {
      scan = scan_id;
      pages = new Map();
    },
    add(table, page) {
      const known = pages.get(table) ?? [];
      known.push(new WeakRef(page));
      pages.set(table, known);
    },
    of(scan_id, table) {
      if (scan_id !== scan) return undefined;
      const found = pages.get(table)?.map((page) => page.deref());
      return found?.every((page) => page !== undefined) ? found : undefined;
    },
  };
}
