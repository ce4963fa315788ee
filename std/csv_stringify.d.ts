export interface StringifyOptions {
  headers?: boolean;
  separator?: string;
  columns?: readonly string[];
  bom?: boolean;
}
export function stringify(data: readonly unknown[], options?: StringifyOptions): string;
