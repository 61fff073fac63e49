import type { ColumnFacts } from "./Column.ts"
import type { TableItem } from "./Constraint.ts"
import { children } from "../fold.ts"
import { constraintName, type ExactName } from "./naming.ts"
import { named, namesOf } from "./ruleNames.ts"
import type { Scalar } from "../Scalar.ts"
import type {
  CheckNode,
  ColumnNode,
  ExclusionNode,
  ForeignKey,
  IndexNode,
  TableSource,
  UniqueNode
} from "../Source.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import type { OnConflict } from "./tableStorage.ts"
import type { Value } from "../Value.ts"

type Given = string | ExactName | null
type Items = ReadonlyArray<TableItem>
type Columns = Readonly<Record<string, { readonly facts: ColumnFacts }>>

const keysOf = (columns: ReadonlyArray<Scalar>, what: string): ReadonlyArray<string> =>
  columns.map((column) =>
    column._tag === "Ref" && column.path.length === 1
      ? column.path[0]!
      : refuse(`${what}: only plain columns can stand here`)
  )

/** Keys of the columns an expression speaks of, in their order, each once. */
const spokenOf = (source: TableSource, node: Scalar): ReadonlyArray<string> => {
  const found = new Set<string>()
  const visit = (one: Scalar): void => {
    if (one._tag === "Ref" && source.byKey.has(one.path[0]!)) found.add(one.path[0]!)
    for (const child of children(one)) visit(child as Scalar)
  }
  visit(node)
  return [...found]
}

/** The primary key: as a rule says it, or the columns that do. */
export const primaryKeyOf = (
  columns: ReadonlyArray<string>,
  items: Items
): ReadonlyArray<string> => {
  for (const item of items)
    if (item._tag === "PrimaryKey") return keysOf(item.columns, "primary key")
  return columns
}

/** Its name and comment. */
export const primaryKeyWords = (
  source: TableSource,
  items: Items
): {
  readonly name: string
  readonly comment: string | null
  readonly conflict: OnConflict | null
} => {
  const rule = items.find((item) => item._tag === "PrimaryKey")
  const usual = constraintName(source.name, [], "pkey")
  return {
    name: named(source, "primaryKey", source.primaryKey, rule?.name ?? null, usual),
    comment: rule?.comment ?? null,
    conflict: rule?.conflict ?? null
  }
}

/** What a computed column is computed from. */
export const computedBy = (
  table: string,
  key: string,
  items: Items
): NonNullable<ColumnNode["computed"]> => {
  const what = `column "${key}" of "${table}"`
  for (const item of items)
    if (item._tag === "Computed" && keysOf([item.column], what)[0] === key)
      return { expression: item.expression, stored: item.stored }
  return refuse(`${what}: no rule of the table says what it is computed from`)
}

const kinds: Readonly<Record<string, string>> = {
  Smallint: "number",
  Integer: "number",
  Bigint: "number",
  Numeric: "number",
  Double: "number",
  Varchar: "text",
  Text: "text",
  Enum: "text"
}
const kindOf = ({ sql }: AnyType): string => kinds[sql._tag] ?? sql._tag

type Reference = Pick<
  ForeignKey,
  "onDelete" | "setsOnDelete" | "onUpdate" | "deferrable" | "match" | "comment"
> & { readonly name: Given }

/** The column of a table behind one of a query that gives it as it is: where rows are kept. */
const keptColumn = (node: Scalar): Scalar => {
  if (node._tag !== "Ref" || node.source._tag !== "DerivedSource") return node
  const { query } = node.source
  if (query._tag !== "Project" || query.shape._tag !== "Record") return node
  const part = query.shape.parts[query.shape.keys.indexOf(node.path[0]!)]
  return node.path.length === 1 && part?._tag === "Cell" ? query.fields[part.index]! : node
}

const foreignKey = (
  source: TableSource,
  columns: ReadonlyArray<string>,
  target: ReadonlyArray<Scalar | undefined>,
  { comment, deferrable, match, name, onDelete, onUpdate, setsOnDelete }: Reference
): ForeignKey => {
  const what = `foreign key of "${source.name}"`
  const known = target.filter((one) => one !== undefined).map(keptColumn)
  if (known.length < target.length) refuse(`${what}: it refers to a column that is not there`)
  const [first] = known
  if (first === undefined || first._tag !== "Ref" || first.source._tag !== "TableSource")
    return refuse(`${what}: its target is not a column of a table`)
  if (target.length !== columns.length)
    refuse(`${what}: ${columns.length} columns refer to ${target.length}`)
  const other = first.source
  const targetColumns = keysOf(known, what)
  columns.forEach((key, at) => {
    const own = source.byKey.get(key)
    const there = other.byKey.get(targetColumns[at]!)
    if (own === undefined) return refuse(`${what}: there is no column "${key}"`)
    if (there === undefined)
      return refuse(`${what}: "${other.name}" has no column "${targetColumns[at]}"`)
    if (kindOf(own.type) !== kindOf(there.type))
      refuse(`${what}: "${key}" is no value of "${other.name}.${there.key}"`)
  })
  const usual = constraintName(source.name, namesOf(source, columns), "fkey")
  return Object.freeze({
    name: named(source, "foreignKey", columns, name, usual, {
      target: other.name,
      targetColumns: namesOf(other, targetColumns)
    }),
    columns,
    target: other,
    targetColumns,
    onDelete,
    ...(setsOnDelete === undefined ? {} : { setsOnDelete }),
    onUpdate,
    deferrable,
    // Of one column there is no part.
    match: columns.length === 1 ? "simple" : match,
    comment
  })
}

/** Read late and by name, a column may be missing whatever its type says. */
const nodesIn = (columns: ReadonlyArray<Value<unknown, unknown> | undefined>) =>
  columns.map((column) => column?.node)

/** Foreign keys of columns, of rules, and those of relations that neither says. */
export const foreignKeys = (
  columns: Columns,
  source: TableSource,
  items: Items,
  extra: ReadonlyArray<ForeignKey>
): ReadonlyArray<ForeignKey> => {
  const out = Object.entries(columns).flatMap(
    ([
      key,
      {
        facts: { references }
      }
    ]) =>
      references === null
        ? []
        : [foreignKey(source, [key], nodesIn([references.target()]), references)]
  )
  for (const item of items)
    if (item._tag === "Reference")
      out.push(
        foreignKey(source, keysOf(item.columns, "foreign key"), nodesIn(item.target()), item)
      )
  for (const one of extra)
    if (!out.some((key) => key.columns.join() === one.columns.join())) out.push(one)
  return Object.freeze(out)
}

/** A foreign key over columns by key that a relation says, with all else as usual. */
export const relationKey = (
  source: TableSource,
  key: Pick<ForeignKey, "columns" | "target" | "targetColumns" | "onDelete">
): ForeignKey =>
  Object.freeze({
    ...key,
    name: named(
      source,
      "foreignKey",
      key.columns,
      null,
      constraintName(source.name, namesOf(source, key.columns), "fkey"),
      { target: key.target.name, targetColumns: namesOf(key.target, key.targetColumns) }
    ),
    onUpdate: "no action",
    deferrable: "no",
    match: "simple",
    comment: null
  })

/** Unique constraints of columns and of rules. */
export const uniques = (
  columns: Columns,
  source: TableSource,
  items: Items
): ReadonlyArray<UniqueNode> => {
  const nameOf = (keys: ReadonlyArray<string>, given: Given): string =>
    named(source, "unique", keys, given, constraintName(source.name, namesOf(source, keys), "key"))
  const single = Object.entries(columns)
    .filter(([, column]) => column.facts.unique)
    .map(([key]): UniqueNode => ({
      name: nameOf([key], null),
      columns: [key],
      include: [],
      nullsEqual: false,
      deferrable: "no",
      conflict: null,
      comment: null
    }))
  const several = items.flatMap((item): ReadonlyArray<UniqueNode> => {
    if (item._tag !== "Unique") return []
    const { comment, conflict, deferrable, nullsEqual } = item
    const keys = keysOf(item.columns, "unique")
    const include = keysOf(item.include, "unique")
    const name = nameOf(keys, item.name)
    return [{ name, columns: keys, include, nullsEqual, deferrable, conflict, comment }]
  })
  return Object.freeze([...single, ...several].map((one) => Object.freeze(one)))
}

/** Indexes, in the order of the rules. */
export const indexes = (source: TableSource, items: Items): ReadonlyArray<IndexNode> =>
  Object.freeze(
    items.flatMap((item) => {
      if (item._tag !== "Index") return []
      const { comment, nullsEqual, only, parts, storage, unique, where } = item
      const words = parts.map(({ scalar }) =>
        scalar._tag === "Ref" && scalar.path.length === 1
          ? source.byKey.get(scalar.path[0]!)!.name
          : "expr"
      )
      const keys = parts.flatMap(({ scalar }) => spokenOf(source, scalar))
      const name = named(
        source,
        "index",
        keys,
        item.name,
        constraintName(source.name, words, "idx")
      )
      const include = keysOf(item.include, "index")
      return [
        Object.freeze({ name, parts, where, unique, only, include, nullsEqual, comment, storage })
      ]
    })
  )

/** Checks, in the order of the rules. */
export const checks = (source: TableSource, items: Items): ReadonlyArray<CheckNode> => {
  let unnamed = 0
  return Object.freeze(
    items.flatMap((item) => {
      if (item._tag !== "Check") return []
      const { comment, noInherit, only, predicate } = item
      const beside = noInherit === true ? { noInherit } : {}
      const usual = item.name === null ? `check${++unnamed}` : "check"
      const name = named(
        source,
        "check",
        spokenOf(source, predicate),
        item.name,
        constraintName(source.name, [], usual)
      )
      return [Object.freeze({ name, predicate, ...beside, only, comment })]
    })
  )
}

/** Exclusion constraints, in the order of the rules. */
export const exclusions = (source: TableSource, items: Items): ReadonlyArray<ExclusionNode> =>
  Object.freeze(
    items.flatMap((item) => {
      if (item._tag !== "Exclusion") return []
      const { comment, deferrable, parts, using, where } = item
      const keys = parts.flatMap(({ scalar }) => spokenOf(source, scalar))
      const usual = constraintName(source.name, namesOf(source, keys), "excl")
      const name = named(source, "exclusion", keys, item.name, usual)
      return [Object.freeze({ name, parts, where, using, deferrable, comment })]
    })
  )
