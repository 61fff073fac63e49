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
import { isServerSet } from "../serverMade.ts"
import type { Scalar } from "../Scalar.ts"
import {
  asTable,
  type ColumnNode,
  type Definition,
  type ForeignKey,
  type JoinSource,
  type Over,
  type QueriedColumn,
  type TableSource
} from "../Source.ts"
import { refuse } from "../StatementError.ts"
import { parentsIn, storageIn, type TableOptions } from "./tableOptions.ts"
import * as Rules from "./tableRules.ts"
import type { RowRule } from "../RuleBroken.ts"
import { writtenType } from "./rule.ts"
import type { AnyType } from "../Type.ts"
import { expr, type Expr, isExpr } from "../Expression.ts"

let tables = 0

/** Tells sources apart. */
export const nextId = (): number => ++tables

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
  readonly rules?: () => ReadonlyArray<RowRule>
  /** How a class says what its queried columns are. */
  readonly queriedBy?: (key: string) => (columns: Refs, self: unknown) => unknown
  readonly definition?: Definition
  /** Where a copy of a table stands for another one: what the copy says is said of. */
  readonly moving?: Moving
  readonly over?: Over
}

const specs = new WeakMap<TableSource, TableSpec>()

/** What a table was made from. */
export const specOf = (source: TableSource): TableSpec => specs.get(source)!

const columnNode = (
  spec: TableSpec,
  key: string,
  facts: ColumnFacts,
  items: () => ReadonlyArray<TableItem>,
  table: () => TableSource
): ColumnNode => {
  // Read late: a key column takes its type from a table that may not exist yet.
  let type: AnyType | null = null
  return {
    key,
    name: checkName(
      facts.name ?? (spec.exact ? key : snakeCase(key)),
      `column "${key}" of "${spec.name}"`
    ),
    get type() {
      return (type ??= (spec.moving ?? still).type(facts.type()))
    },
    get written() {
      return writtenType(this.type, facts.rules, key, table)
    },
    rules: facts.rules,
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
    serverSet: facts.serverSet,
    spelled: facts.spelled ?? null,
    attributes: facts.attributes ?? null,
    redacted: facts.redacted,
    comment: facts.comment,
    notes: facts.notes,
    guarded: facts.guarded,
    deferred: facts.deferred
  }
}

/** What a domain puts where nothing is said, as a default of the column: rows may differ in it. */
const defaultOf = (type: AnyType): Scalar | null => {
  const named = namedOf(type)
  return named?._tag === "DomainType" ? named.default : null
}

/** What a column says of itself must hold together. */
const checkColumn = (spec: TableSpec, column: ColumnNode): void => {
  const group = column.deferred?.group ?? null
  if (group !== null && Object.hasOwn(spec.columns, group))
    refuse(`table "${spec.name}": "${group}" is a column and a group of deferred ones`)
  const { primaryKey } = spec.columns[column.key]!.facts
  const isFilled = column.default !== null || column.version !== false
  if (isFilled && isServerSet(column, "insert"))
    refuse(`table "${spec.name}": "${column.key}" is set by the server and by the client`)
  if (column.onUpdate !== null && isServerSet(column, "update"))
    refuse(`table "${spec.name}": "${column.key}" is set by the server and by the client`)
  if (column.deferred !== null && (primaryKey || column.identity || column.version))
    refuse(`table "${spec.name}": "${column.key}" is always read with its row, never deferred`)
}

/** Builds the identity of a table. Refuses names that clash. */
export const tableSource = (spec: TableSpec): TableSource => {
  checkName(spec.name, "table")
  const all = Object.entries(spec.columns)
  const entries = all.filter(([, { facts }]) => !facts.queried)
  const stored = Object.fromEntries(entries)
  if (entries.length === 0) refuse(`table "${spec.name}" has no columns`)
  const columns = entries.map(([key, column]) =>
    columnNode(
      spec,
      key,
      column.facts,
      () => items(),
      () => source
    )
  )
  const names = new Map<string, string>()
  for (const column of columns) {
    const other = names.get(column.name)
    if (other !== undefined) {
      refuse(`table "${spec.name}": "${other}" and "${column.key}" are both named "${column.name}"`)
    }
    names.set(column.name, column.key)
    checkColumn(spec, column)
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
    id: nextId(),
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
    queried: Object.freeze(
      all
        .filter(([, { facts }]) => facts.queried)
        .map(([key, { facts }]) => queriedColumn(spec, key, facts, () => source))
    ),
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
      Rules.foreignKeys(stored, source, items(), spec.extraReferences?.(source) ?? []).map(
        (key) => ({ ...key, target: moving.table(key.target) })
      )
    ),
    uniques: lazy(() => Rules.uniques(stored, source, items())),
    indexes: lazy(() => Rules.indexes(source, items())),
    checks: lazy(() => Rules.checks(source, items())),
    exclusions: lazy(() => Rules.exclusions(source, items())),
    relations: spec.relations ?? (() => none),
    rules: lazy(() => spec.rules?.() ?? noRules),
    definition: spec.definition ?? null,
    over: spec.over ?? null,
    // Read late: an entity's class exists only after its columns.
    get prototype() {
      return spec.prototype
    }
  })
  specs.set(source, spec)
  return source
}

const noRules: ReadonlyArray<RowRule> = Object.freeze([])

type Refs = Readonly<Record<string, Expr<unknown, unknown>>>

const queriedColumn = (
  spec: TableSpec,
  key: string,
  facts: ColumnFacts,
  table: () => TableSource
): QueriedColumn => {
  const { queriedBy } = spec
  if (queriedBy === undefined)
    return refuse(`table "${spec.name}": "${key}" is queried, and no class says from what`)
  if (facts.deferred !== null)
    return refuse(`table "${spec.name}": "${key}" is queried: a deferred one is a given of a plan`)
  return Object.freeze({
    key,
    get type() {
      return facts.type()
    },
    nullable: facts.nullable,
    redacted: facts.redacted,
    of: (alias: string) => {
      const c = tableRefs(table(), alias)
      const made = queriedBy(key)(c, { [FromId]: tableFrom(table(), alias), c })
      return isExpr(made)
        ? made.node
        : refuse(`table "${spec.name}": what "${key}" is read from is no expression`)
    }
  })
}

/** The keys of what is read with a row, in their order. */
export const shownKeys = ({ queried, whole }: TableSource): ReadonlyArray<string> =>
  queried.length === 0 ? whole.map(({ key }) => key) : [...whole, ...queried].map(({ key }) => key)

/** What is read of a row under a key: a column of it, or what is queried beside. */
export const shownColumn = (
  { byKey, queried }: TableSource,
  key: string
): ColumnNode | QueriedColumn | undefined =>
  byKey.get(key) ?? queried.find((column) => column.key === key)

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
  for (const { key, of } of source.queried) {
    let made: Expr<unknown, unknown> | undefined
    Object.defineProperty(out, key, {
      enumerable: true,
      get: () => (made ??= expr(of(alias)))
    })
  }
  return Object.freeze(out)
}

/** What FROM needs of a table under an alias. */
export const tableFrom = <N extends string, Row>(
  source: TableSource,
  alias: N
): FromNode<N, Row> => {
  const keys = shownKeys(source)
  let fields: ReadonlyArray<Scalar> | undefined
  return {
    alias,
    source,
    relation: R.rows(source, alias),
    get fields() {
      return (fields ??= Object.freeze([
        ...source.whole.map((column) => S.ref(alias, source, [column.key], column.type)),
        ...source.queried.map(({ of }) => of(alias))
      ]))
    },
    shape:
      source.definition?.shape ??
      Object.freeze({
        _tag: "Record",
        keys: Object.freeze(keys),
        parts: Object.freeze(keys.map((_, index) => Object.freeze({ _tag: "Cell", index }))),
        presence: null,
        prototype: source.prototype,
        ...(source.over === null ? {} : { of: source, members: source.over.members?.() ?? null })
      })
  }
}
