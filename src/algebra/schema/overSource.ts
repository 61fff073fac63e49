import { ownNames } from "./naming.ts"
import { noNotes } from "./notes.ts"
import type { ColumnNode, JoinSource, Over, TableSource } from "../Source.ts"
import type { RowRule } from "../RuleBroken.ts"
import { storageIn } from "./tableOptions.ts"
import { nextId } from "./tableSource.ts"

/** What a source over others is made from; thunks are read after every class exists. */
export interface OverSpec {
  readonly name: string
  readonly columns: ReadonlyArray<ColumnNode>
  readonly primaryKey: () => ReadonlyArray<string>
  readonly over: Over
  readonly prototype: () => object
  readonly relations: () => ReadonlyMap<string, JoinSource>
  /** The rules of its class. */
  readonly rules: () => ReadonlyArray<RowRule>
}

const none = (): ReadonlyArray<never> => []

/**
 * A source whose rows are those of a table or a query that is there: columns of its own choice, a
 * class of its own.
 *
 * **Shape** it has no rules: what keeps its rows has them.
 */
export const overSource = (spec: OverSpec): TableSource => {
  let whole: ReadonlyArray<ColumnNode> | undefined
  return Object.freeze({
    _tag: "TableSource",
    id: nextId(),
    name: spec.name,
    schema: null,
    comment: null,
    notes: noNotes,
    only: null,
    naming: ownNames,
    columns: Object.freeze(spec.columns),
    get whole() {
      return (whole ??= Object.freeze(spec.columns.filter(({ deferred }) => deferred === null)))
    },
    byKey: new Map(spec.columns.map((column) => [column.key, column])),
    get primaryKey() {
      return spec.primaryKey()
    },
    primaryKeyName: "",
    primaryKeyComment: null,
    primaryKeyConflict: null,
    storage: storageIn({}),
    parents: none,
    foreignKeys: none,
    uniques: none,
    indexes: none,
    checks: none,
    exclusions: none,
    relations: spec.relations,
    queried: [],
    rules: spec.rules,
    definition: null,
    over: spec.over,
    get prototype() {
      return spec.prototype()
    }
  })
}

/** A column as another one, but for what is said; what is read late of it is read late still. */
export const columnLike = (
  column: ColumnNode,
  other: Partial<Omit<ColumnNode, "type">>
): ColumnNode =>
  Object.freeze(
    Object.defineProperties(
      {},
      {
        ...Object.getOwnPropertyDescriptors(column),
        ...Object.getOwnPropertyDescriptors(other)
      }
    ) as ColumnNode
  )
