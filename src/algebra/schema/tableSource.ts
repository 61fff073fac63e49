import type { ColumnFacts } from "./Column.ts"
import type { TableItem } from "./Constraint.ts"
import { FromId, type FromNode } from "../From.ts"
import { movedItem, type Moving, still } from "./moved.ts"
import { checkName, ownNames, snakeCase } from "./naming.ts"
import { namedOf } from "./namedOf.ts"
import { notesOf } from "./notes.ts"
import { onlyIn } from "./only.ts"
import * as R from "../Relation.ts"
import * as S from "../Scalar.ts"
import type { Scalar } from "../Scalar.ts"
import {
  asTable,
  type ColumnNode,
  type Definition,
  type ForeignKey,
  type JoinSource,
  type TableSource
} from "../Source.ts"
import { refuse } from "../StatementError.ts"
import { parentsIn, storageIn, type TableOptions } from "./tableOptions.ts"
import * as Rules from "./tableRules.ts"
import type { AnyType } from "../Type.ts"
import { expr, type Expr } from "../Expression.ts"

let tables = 0

/** Everything a table is made from. */
export interface TableSpec {
  readonly name: string
  readonly columns: Readonly<Record<string, { readonly facts: ColumnFacts }>>
  readonly items: (source: TableSource) => ReadonlyArray<TableItem>
  readonly exact: boolean
  readonly options: TableOptions
  readonly prototype: object | null
  /** Foreign keys that come from relations rather than from columns. */
  readonly extraReferences?: (source: TableSource) => ReadonlyArray<ForeignKey>
  readonly relations?: () => ReadonlyMap<string, JoinSource>
  readonly definition?: Definition
  /** Where a copy of a table stands for another one: what the copy says is said of. */
  readonly moving?: Moving
}

const specs = new WeakMap<TableSource, TableSpec>()

/** What a table was made from. */
export const specOf = (source: TableSource): TableSpec => specs.get(source)!

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
    return (spec.moving ?? still).type(facts.type())
  },
  nullable: facts.nullable,
  identity: facts.identity,
  counted: facts.counted,
  default: facts.default,
  get serverDefault() {
    const own = facts.serverDefault
    return own === null ? defaultOf(facts.type()) : (spec.moving ?? still).scalar(own)
  },
  get computed() {
    return facts.computed === "table" ? Rules.computedBy(spec.name, key, items()) : facts.computed
  },
  onUpdate: facts.onUpdate,
  writeOnce: facts.writeOnce,
  version: facts.version,
  comment: facts.comment,
  notes: facts.notes,
  guarded: facts.guarded,
  deferred: facts.deferred
})

/** What a domain puts where nothing is said, as a default of the column: rows may differ in it. */
const defaultOf = (type: AnyType): Scalar | null => {
  const named = namedOf(type)
  return named?._tag === "DomainType" ? named.default : null
}

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
    const group = column.deferred?.group ?? null
    if (group !== null && Object.hasOwn(spec.columns, group))
      refuse(`table "${spec.name}": "${group}" is a column and a group of deferred ones`)
    const { primaryKey } = spec.columns[column.key]!.facts
    if (column.deferred !== null && (primaryKey || column.identity || column.version))
      refuse(`table "${spec.name}": "${column.key}" is always read with its row, never deferred`)
  }
  const lazy = <A>(make: () => A) => {
    let value: A | undefined
    return () => (value ??= make())
  }
  const isDeferred = columns.some(({ deferred }) => deferred !== null)
  const whole = lazy(() =>
    Object.freeze(
      columns.filter(({ deferred, key }) => deferred === null || source.primaryKey.includes(key))
    )
  )
  const moving = spec.moving ?? still
  const items = lazy(() => spec.items(source).map((item) => movedItem(item, moving)))
  const keyWords = lazy(() => Rules.primaryKeyWords(source, items()))
  const { comment = null, naming = ownNames, schema = null } = spec.options
  const primary = entries.filter(([, column]) => column.facts.primaryKey).map(([key]) => key)
  const source: TableSource = Object.freeze({
    _tag: "TableSource",
    id: ++tables,
    name: spec.name,
    schema,
    comment,
    notes: notesOf(spec.options.notes, `table "${spec.name}"`),
    only: onlyIn(spec.options.only, `table "${spec.name}"`),
    naming,
    columns: Object.freeze(columns),
    byKey: new Map(columns.map((column) => [column.key, column])),
    get whole() {
      return isDeferred ? whole() : source.columns
    },
    get primaryKey() {
      return Rules.primaryKeyOf(primary, items())
    },
    get primaryKeyName() {
      return keyWords().name
    },
    get primaryKeyComment() {
      return keyWords().comment
    },
    get primaryKeyConflict() {
      return keyWords().conflict
    },
    storage: storageIn(spec.options),
    parents: lazy(() =>
      parentsIn(spec.options).map((one) =>
        moving.table(asTable(one[FromId].source, `parent of "${spec.name}"`))
      )
    ),
    foreignKeys: lazy(() =>
      Rules.foreignKeys(spec.columns, source, items(), spec.extraReferences?.(source) ?? []).map(
        (key) => ({ ...key, target: moving.table(key.target) })
      )
    ),
    uniques: lazy(() => Rules.uniques(spec.columns, source, items())),
    indexes: lazy(() => Rules.indexes(source, items())),
    checks: lazy(() => Rules.checks(source, items())),
    exclusions: lazy(() => Rules.exclusions(source, items())),
    relations: spec.relations ?? (() => none),
    definition: spec.definition ?? null,
    // Read late: an entity's class exists only after its columns.
    get prototype() {
      return spec.prototype
    }
  })
  specs.set(source, spec)
  return source
}

const none: ReadonlyMap<string, JoinSource> = new Map()

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
  const keys = source.whole.map((column) => column.key)
  let fields: ReadonlyArray<Scalar> | undefined
  return {
    alias,
    source,
    relation: R.table(source, alias),
    get fields() {
      return (fields ??= Object.freeze(
        source.whole.map((column) => S.ref(alias, source, [column.key], column.type))
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
