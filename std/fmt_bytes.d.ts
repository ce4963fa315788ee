export function format(
  bytes: number,
  options?: { binary?: boolean; minimumFractionDigits?: number; maximumFractionDigits?: number },
): string;
