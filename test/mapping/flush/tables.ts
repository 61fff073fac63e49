/** Tables for tests of the planner, built by hand: it reads nothing but `TableSource` values. */
import { ownNames } from "../../../src/algebra/schema/naming.ts"
import { integer } from "../../../src/algebra/types.ts"
import type {
  ColumnNode,
  ForeignKey,
  ReferentialAction,
  TableSource,
  UniqueNode
} from "../../../src/algebra/Source.ts"

export interface KeySpec {
  readonly columns: ReadonlyArray<string>
  readonly target: () => TableSource
  readonly targetColumns?: ReadonlyArray<string>
  readonly onDelete?: ReferentialAction
  readonly onUpdate?: ReferentialAction
}

export interface TableSpec {
  readonly columns: Readonly<Record<string, Partial<ColumnNode>>>
  readonly primaryKey?: ReadonlyArray<string>
  readonly foreignKeys?: ReadonlyArray<KeySpec>
  readonly uniques?: ReadonlyArray<ReadonlyArray<string>>
  readonly checks?: TableSource["checks"]
}

let tables = 1_000_000

const column = (key: string, facts: Partial<ColumnNode>): ColumnNode => ({
  key,
  name: key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  type: integer,
  written: facts.type ?? integer,
  rules: [],
  nullable: false,
  computed: null,
  identity: false,
  counted: null,
  default: null,
  serverDefault: null,
  onUpdate: null,
  notes: {},
  guarded: null,
  writeOnce: false,
  version: false,
  serverSet: null,
  spelled: null,
  attributes: null,
  deferred: null,
  redacted: false,
  comment: null,
  ...facts
})

/** A table; columns are integers and NOT NULL unless said. */
export const table = (name: string, spec: TableSpec): TableSource => {
  const columns = Object.entries(spec.columns).map(([key, facts]) => column(key, facts))
  const foreignKeys = (): ReadonlyArray<ForeignKey> =>
    (spec.foreignKeys ?? []).map((key) => ({
      name: `${name}_${key.columns.join("_")}_fkey`,
      columns: key.columns,
      target: key.target(),
      targetColumns: key.targetColumns ?? key.target().primaryKey,
      onDelete: key.onDelete ?? "no action",
      onUpdate: key.onUpdate ?? "no action",
      deferrable: "no",
      match: "simple",
      comment: null
    }))
  const uniques = (spec.uniques ?? []).map((keys): UniqueNode => ({
    name: `${name}_${keys.join("_")}_key`,
    columns: keys,
    include: [],
    nullsEqual: false,
    deferrable: "no",
    conflict: null,
    comment: null
  }))
  let known: ReadonlyArray<ForeignKey> | undefined
  return {
    _tag: "TableSource",
    id: ++tables,
    name,
    schema: null,
    columns,
    byKey: new Map(columns.map((one) => [one.key, one])),
    whole: columns,
    queried: [],
    primaryKey: spec.primaryKey ?? ["id"],
    primaryKeyName: `${name}_pkey`,
    primaryKeyComment: null,
    primaryKeyConflict: null,
    storage: {},
    parents: () => [],
    foreignKeys: () => (known ??= foreignKeys()),
    uniques: () => uniques,
    indexes: () => [],
    checks: spec.checks ?? (() => []),
    exclusions: () => [],
    comment: null,
    notes: {},
    only: null,
    naming: ownNames,
    relations: () => new Map(),
    rules: () => [],
    definition: null,
    over: null,
    prototype: null
  }
}

export const id: Partial<ColumnNode> = { identity: true, writeOnce: true }
export const nullable: Partial<ColumnNode> = { nullable: true }
