import type { ColumnFacts } from "./Column.ts"
import type { TableItem } from "./Constraint.ts"
import { type FromNode } from "./From.ts"
import { checkName, constraintName, snakeCase } from "./naming.ts"
import * as R from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type {
  CheckNode,
  ColumnNode,
  Definition,
  ForeignKey,
  IndexNode,
  JoinSource,
  TableSource,
  UniqueNode
} from "./Source.ts"
import { refuse } from "./StatementError.ts"
import { expr, type Expr } from "./Expression.ts"

let tables = 0

/** Everything a table is made from. */
export interface TableSpec {
  readonly name: string
  readonly columns: Readonly<Record<string, { readonly facts: ColumnFacts }>>
  readonly items: (source: TableSource) => ReadonlyArray<TableItem>
  readonly exact: boolean
  readonly schema: string | null
  readonly prototype: object | null
  /** Foreign keys that come from relations rather than from columns. */
  readonly extraReferences?: (source: TableSource) => ReadonlyArray<ForeignKey>
  readonly relations?: () => ReadonlyMap<string, JoinSource>
  readonly definition?: Definition
}

const columnNode = (
  spec: TableSpec,
  key: string,
  facts: ColumnFacts,
  items: () => ReadonlyArray<TableItem>
): ColumnNode => ({
  key,
  name: checkName(
    facts.name ?? (spec.exact ? key : snakeCase(key)),
    `column "${key}" of "${spec.name}"`
  ),
  // Read late: a key column takes its type from a table that may not exist yet.
  get type() {
    return facts.type()
  },
  nullable: facts.nullable,
  identity: facts.identity,
  default: facts.default,
  serverDefault: facts.serverDefault,
  get computed() {
    return facts.computed === "table" ? computedBy(spec, key, items()) : facts.computed
  },
  onUpdate: facts.onUpdate,
  writeOnce: facts.writeOnce,
  version: facts.version
})

/** Builds the identity of a table. Refuses names that clash. */
export const tableSource = (spec: TableSpec): TableSource => {
  checkName(spec.name, "table")
  const entries = Object.entries(spec.columns)
  if (entries.length === 0) refuse(`table "${spec.name}" has no columns`)
  const columns = entries.map(([key, column]) => columnNode(spec, key, column.facts, () => items()))
  const names = new Map<string, string>()
  for (const column of columns) {
    const other = names.get(column.name)
    if (other !== undefined) {
      refuse(`table "${spec.name}": "${other}" and "${column.key}" are both named "${column.name}"`)
    }
    names.set(column.name, column.key)
  }
  const lazy = <A>(make: () => A) => {
    let value: A | undefined
    return () => (value ??= make())
  }
  const items = lazy(() => spec.items(source))
  const itemKeys = items
  const primary = entries.filter(([, column]) => column.facts.primaryKey).map(([key]) => key)
  const source: TableSource = Object.freeze({
    _tag: "TableSource",
    id: ++tables,
    name: spec.name,
    schema: spec.schema,
    columns: Object.freeze(columns),
    byKey: new Map(columns.map((column) => [column.key, column])),
    get primaryKey() {
      return primaryKeyOf(primary, itemKeys())
    },
    primaryKeyName: constraintName(spec.name, [], "pkey"),
    foreignKeys: lazy(() => foreignKeys(spec, source, items())),
    uniques: lazy(() => uniques(spec, source, items())),
    indexes: lazy(() => indexes(source, items())),
    checks: lazy(() => checks(source, items())),
    relations: spec.relations ?? (() => none),
    definition: spec.definition ?? null,
    // Read late: an entity's class exists only after its columns.
    get prototype() {
      return spec.prototype
    }
  })
  return source
}

const none: ReadonlyMap<string, JoinSource> = new Map()

const keysOf = (columns: ReadonlyArray<Scalar>, what: string): ReadonlyArray<string> =>
  columns.map((column) =>
    column._tag === "Ref" && column.path.length === 1
      ? column.path[0]!
      : refuse(`${what}: only plain columns can stand here`)
  )

const primaryKeyOf = (
  columns: ReadonlyArray<string>,
  items: ReadonlyArray<TableItem>
): ReadonlyArray<string> => {
  for (const item of items)
    if (item._tag === "PrimaryKey") return keysOf(item.columns, "primary key")
  return columns
}

const computedBy = (
  spec: TableSpec,
  key: string,
  items: ReadonlyArray<TableItem>
): NonNullable<ColumnNode["computed"]> => {
  const what = `column "${key}" of "${spec.name}"`
  for (const item of items)
    if (item._tag === "Computed" && keysOf([item.column], what)[0] === key)
      return { expression: item.expression, stored: item.stored }
  return refuse(`${what}: no rule of the table says what it is computed from`)
}

const nameOf = (source: TableSource, keys: ReadonlyArray<string>): ReadonlyArray<string> =>
  keys.map((key) => source.byKey.get(key)!.name)

const foreignKeys = (
  spec: TableSpec,
  source: TableSource,
  items: ReadonlyArray<TableItem>
): ReadonlyArray<ForeignKey> => {
  const out: Array<ForeignKey> = []
  const add = (
    columns: ReadonlyArray<string>,
    target: ReadonlyArray<Scalar>,
    actions: {
      readonly onDelete: ForeignKey["onDelete"]
      readonly onUpdate: ForeignKey["onUpdate"]
    },
    name: string | null
  ) => {
    const what = `foreign key of "${source.name}"`
    const first = target[0]
    if (first === undefined || first._tag !== "Ref" || first.source._tag !== "TableSource") {
      return refuse(`${what}: its target is not a column of a table`)
    }
    if (target.length !== columns.length)
      refuse(`${what}: ${columns.length} columns refer to ${target.length}`)
    out.push(
      Object.freeze({
        name: name ?? constraintName(source.name, nameOf(source, columns), "fkey"),
        columns,
        target: first.source,
        targetColumns: keysOf(target, what),
        onDelete: actions.onDelete,
        onUpdate: actions.onUpdate
      })
    )
  }
  for (const [key, column] of Object.entries(spec.columns)) {
    const { references } = column.facts
    if (references !== null) add([key], [references.target().node], references, null)
  }
  for (const item of items) {
    if (item._tag === "Reference") {
      add(
        keysOf(item.columns, "foreign key"),
        item.target().map((c) => c.node),
        item,
        item.name
      )
    }
  }
  for (const extra of spec.extraReferences?.(source) ?? []) {
    if (!out.some((one) => one.columns.join() === extra.columns.join())) out.push(extra)
  }
  return Object.freeze(out)
}

const uniques = (
  spec: TableSpec,
  source: TableSource,
  items: ReadonlyArray<TableItem>
): ReadonlyArray<UniqueNode> => {
  const single = Object.entries(spec.columns)
    .filter(([, column]) => column.facts.unique)
    .map(([key]) => [key])
  const all: Array<{ readonly columns: ReadonlyArray<string>; readonly name: string | null }> = [
    ...single.map((columns) => ({ columns, name: null })),
    ...items.flatMap((item) =>
      item._tag === "Unique" ? [{ columns: keysOf(item.columns, "unique"), name: item.name }] : []
    )
  ]
  return Object.freeze(
    all.map(({ columns, name }) =>
      Object.freeze({
        name: name ?? constraintName(source.name, nameOf(source, columns), "key"),
        columns
      })
    )
  )
}

const indexes = (source: TableSource, items: ReadonlyArray<TableItem>): ReadonlyArray<IndexNode> =>
  Object.freeze(
    items.flatMap((item) => {
      if (item._tag !== "Index") return []
      const { parts, unique, where } = item
      const words = parts.map(({ scalar }) =>
        scalar._tag === "Ref" && scalar.path.length === 1
          ? source.byKey.get(scalar.path[0]!)!.name
          : "expr"
      )
      const name = item.name ?? constraintName(source.name, words, "idx")
      return [Object.freeze({ name, parts, where, unique })]
    })
  )

const checks = (source: TableSource, items: ReadonlyArray<TableItem>): ReadonlyArray<CheckNode> => {
  let unnamed = 0
  return Object.freeze(
    items.flatMap((item) =>
      item._tag === "Check"
        ? [
            Object.freeze({
              name: item.name ?? constraintName(source.name, [], `check${++unnamed}`),
              predicate: item.predicate
            })
          ]
        : []
    )
  )
}

/** References to a table's columns under an alias. */
export const tableRefs = (
  source: TableSource,
  alias: string
): Readonly<Record<string, Expr<unknown, unknown>>> => {
  const out: Record<string, Expr<unknown, unknown>> = Object.create(null)
  for (const column of source.columns) {
    let made: Expr<unknown, unknown> | undefined
    // Made on first use: a column's type may depend on a table declared later.
    Object.defineProperty(out, column.key, {
      enumerable: true,
      get: () => (made ??= expr(S.ref(alias, source, [column.key], column.type)))
    })
  }
  return Object.freeze(out)
}

/** What FROM needs of a table under an alias. */
export const tableFrom = <N extends string, Row>(
  source: TableSource,
  alias: N
): FromNode<N, Row> => {
  const keys = source.columns.map((column) => column.key)
  let fields: ReadonlyArray<Scalar> | undefined
  return {
    alias,
    source,
    relation: R.table(source, alias),
    get fields() {
      return (fields ??= Object.freeze(
        source.columns.map((column) => S.ref(alias, source, [column.key], column.type))
      ))
    },
    shape:
      source.definition?.shape ??
      Object.freeze({
        _tag: "Record",
        keys: Object.freeze(keys),
        parts: Object.freeze(keys.map((_, index) => Object.freeze({ _tag: "Cell", index }))),
        presence: null,
        prototype: source.prototype
      })
  }
}
