import type { Scalar, TableSource } from "../nodes.ts"
import type { SqlType } from "../SqlType.ts"
import type { AnyType } from "../Type.ts"

interface Named {
  readonly schema: string | null
  readonly name: string
}

/** CREATE TYPE … AS ENUM: its values in their order. */
export interface EnumType extends Named {
  readonly _tag: "EnumType"
  readonly values: ReadonlyArray<string>
}

/** CREATE DOMAIN: a type, cut to the values that pass a check. */
export interface DomainType extends Named {
  readonly _tag: "DomainType"
  readonly base: AnyType
  /** The one table whose one column stands for a value of it. */
  readonly source: TableSource
  readonly check: { readonly name: string; readonly predicate: Scalar } | null
  readonly default: Scalar | null
}

/** What the database keeps of a type by name: tables share it. */
export type NamedType = EnumType | DomainType

const known = new WeakMap<AnyType, NamedType>()
const spelled = new WeakMap<SqlType, EnumType>()

/** A type that is kept by name. */
export const naming = <T extends AnyType>(type: T, named: NamedType): T => {
  known.set(type, Object.freeze(named))
  if (named._tag === "EnumType") spelled.set(type.sql, named)
  return type
}

/** The type of labels that is spelled so, wherever its values stand; null for any other. */
export const enumOf = (sql: SqlType): EnumType | null => spelled.get(sql) ?? null

/** What the database keeps of a type by name; null where it keeps nothing. */
export const namedOf = (type: AnyType): NamedType | null => known.get(type) ?? null

/** The named types of some tables' columns, each once, and those that are given beside. */
export const namedTypesOf = (
  tables: ReadonlyArray<TableSource>,
  given: ReadonlyArray<NamedType> = []
): ReadonlyArray<NamedType> => {
  const found = new Map<string, NamedType>()
  const add = (type: NamedType): void => {
    const key = JSON.stringify([type.schema, type.name])
    if (!found.has(key)) found.set(key, type)
  }
  given.forEach(add)
  for (const { columns } of tables)
    for (const { type } of columns) {
      const named = namedOf(type)
      if (named !== null) add(named)
    }
  return [...found.values()]
}
