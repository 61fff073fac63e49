import type { CreateType, DropType, RunText } from "../../../algebra/Ddl.ts"
import { type NamedType, namedOf } from "../../../algebra/schema/namedOf.ts"
import type { ColumnNode, TableSource } from "../../../algebra/Source.ts"
import type { AnyType } from "../../../algebra/Type.ts"
import type { Writer } from "../../Dialect.ts"
import type { Context } from "../../Program.ts"
import { sizesOf } from "../../sqlTypes.ts"
import { sayConstant } from "./literals.ts"
import { sayLiteral } from "./values.ts"

/** A type as a column definition spells it: by its name where the database keeps it. */
export const sayType = (type: AnyType, writer: Writer): void => {
  const named = namedOf(type)
  if (named === null) return writer.put(writer.dialect.columnType(type.sql))
  checkNamed(named, writer)
  sayName(named, writer)
}

/**
 * The type of a column, by the name its server has for it where it was reflected.
 *
 * **Shape** SQLite takes sizes behind any name and does nothing with them: they say which whole
 * numbers, and which texts, are decimals. A strict table has no words for it.
 */
export const sayColumnType = (
  { spelled, type }: ColumnNode,
  { storage }: TableSource,
  writer: Writer
): void => {
  const own = spelled?.[writer.dialect.name]
  if (own !== undefined) return writer.put(own)
  sayType(type, writer)
  if (storage.sqlite?.strict !== true) writer.put(sizesOf(writer.dialect.name, type.sql))
}

const checkNamed = ({ name }: NamedType, writer: Writer): void => {
  if (!writer.capabilities.namedTypes) writer.refuse("namedTypes", `the type ${name}`)
}

const sayName = ({ name, schema }: NamedType, writer: Writer): void => {
  writer.schema(schema)
  writer.name(name)
}

export const sayCreateType = (
  { ifNotExists, type }: CreateType,
  writer: Writer,
  context: Context
): void => {
  checkNamed(type, writer)
  if (ifNotExists) writer.refuse("typeIfNotExists", `CREATE TYPE IF NOT EXISTS ${type.name}`)
  writer.put(type._tag === "EnumType" ? "CREATE TYPE " : "CREATE DOMAIN ")
  sayName(type, writer)
  if (type._tag === "EnumType") {
    writer.put(" AS ENUM (")
    writer.commas(type.values, (value) => writer.put(writer.dialect.textLiteral(value)))
    return writer.put(")")
  }
  writer.put(` AS ${writer.dialect.columnType(type.base.sql)}`)
  if (type.default !== null) {
    writer.put(" DEFAULT ")
    if (type.default._tag === "Bound") sayLiteral(type.default.value, type.base, writer)
  }
  if (type.check === null) return
  writer.put(" CONSTRAINT ")
  writer.name(type.check.name)
  writer.put(" CHECK (")
  sayConstant(type.check.predicate, type.source, writer, context)
  writer.put(")")
}

export const sayDropType = ({ ifExists, type }: DropType, writer: Writer): void => {
  checkNamed(type, writer)
  writer.put(`DROP ${type._tag === "EnumType" ? "TYPE" : "DOMAIN"} ${ifExists ? "IF EXISTS " : ""}`)
  sayName(type, writer)
}

/** Statements in the dialect's own words stand as they are. */
export const sayText = ({ object, verb }: RunText, writer: Writer): void => {
  const text = object[verb][writer.dialect.name]
  if (text === undefined) writer.refuse("text", `the text object ${object.name}`)
  else writer.put(text)
}
