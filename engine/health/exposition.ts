/** A value with the labels that tell it from others of its family. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Values of one kind. */
export interface MetricFamily {
  /** Without the prefix `daemoneye_`; that of a counter ends with `_total`. */
  readonly name: string;
  /** What it means, in a line. */
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: readonly Sample[];
}

/** The media type of {@linkcode renderMetrics}. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics as Prometheus reads them (text exposition format 0.0.4). */
export function renderMetrics(families: readonly MetricFamily[]): string {
  return families.filter(({ samples }) => samples.length > 0).map(renderFamily).join("");
}

function renderFamily({ name, help, type, samples }: MetricFamily): string {
  const full = `daemoneye_${name}`;
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n` +
    samples.map(({ labels = {}, value }) => `${full}${renderLabels(labels)} ${value}\n`).join("");
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

function escapeLabel(value: string): string {
  return value.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}
