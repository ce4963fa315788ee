import { type Catalogue, VIEWS } from "../../profiles/mod.ts";
import { type Column, columnsOf } from "../../schema/columns.ts";
import { type Platform, PLATFORMS, type TableSpec } from "../../schema/types.ts";
import type { BoundColumn } from "./scope.ts";
import { CLASS_OF } from "./types.ts";

/** What queries may read: the tables of a catalogue, and the views of them. */
export function readableTables(catalogue: Catalogue): readonly TableSpec[] {
  return [...catalogue.values(), ...VIEWS.filter(({ base }) => catalogue.has(base))];
}

/** A virtual table as a query for some platforms sees it. */
export interface TableShape {
  readonly spec: TableSpec;
  /** The columns that all these platforms have, in the table's order. */
  readonly columns: readonly BoundColumn[];
  readonly byName: ReadonlyMap<string, BoundColumn>;
  readonly specs: ReadonlyMap<string, Column>;
  /** For every column that some platform has: which ones. */
  readonly platformsOf: ReadonlyMap<string, readonly Platform[]>;
  /** Whether the declared platforms disagree about the columns. */
  readonly differs: boolean;
}

/** What queries for some platforms may read. */
export interface Shapes {
  /** Names of the tables and views. */
  readonly names: readonly string[];
  /** One of them by its name in lower case. */
  get(lower: string): TableShape | undefined;
}

const cache = new WeakMap<Catalogue, Map<string, Shapes>>();

/** The tables of a catalogue as these platforms share them; each is built once, when it is first asked for. */
export function shapesOf(catalogue: Catalogue, platforms: readonly Platform[]): Shapes {
  let byPlatforms = cache.get(catalogue);
  if (!byPlatforms) cache.set(catalogue, byPlatforms = new Map());
  const key = [...platforms].sort().join();
  let shapes = byPlatforms.get(key);
  if (!shapes) byPlatforms.set(key, shapes = lazyShapes(readableTables(catalogue), platforms));
  return shapes;
}

function lazyShapes(tables: readonly TableSpec[], platforms: readonly Platform[]): Shapes {
  const specs = new Map(tables.map((spec) => [spec.name.toLowerCase(), spec]));
  const shapes = new Map<string, TableShape>();
  return {
    names: tables.map(({ name }) => name),
    get(lower) {
      const spec = specs.get(lower);
      let shape = shapes.get(lower);
      if (spec && !shape) shapes.set(lower, shape = shapeOf(spec, platforms));
      return shape;
    },
  };
}

function shapeOf(spec: TableSpec, platforms: readonly Platform[]): TableShape {
  const platformsOf = new Map<string, Platform[]>();
  for (const platform of PLATFORMS) {
    for (const { name } of columnsOf(spec, platform)) {
      const known = platformsOf.get(name);
      if (known) known.push(platform);
      else platformsOf.set(name, [platform]);
    }
  }
  const first = columnsOf(spec, platforms[0] ?? "linux");
  const everywhere = (name: string) =>
    platforms.every((platform) => platformsOf.get(name)?.includes(platform));
  const shared = first.filter((column) => everywhere(column.name));
  const columns = shared.map((column): BoundColumn => ({
    name: column.name,
    class: CLASS_OF[column.type],
    origin: { table: spec.name, column: column.name },
  }));
  return {
    spec,
    columns,
    byName: new Map(columns.map((column) => [column.name.toLowerCase(), column])),
    specs: new Map(shared.map((column) => [column.name, column])),
    platformsOf,
    differs: platforms.some((platform) => columnsOf(spec, platform).length !== shared.length),
  };
}
