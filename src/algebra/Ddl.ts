import { type Carried, nothing, quoted } from "./carried.ts"
import type { DialectName } from "./Dialect.ts"
import type { NamedType } from "./schema/namedOf.ts"
import type { NamedSchema } from "./schema/namedSchemaOf.ts"
import type { Only } from "./schema/only.ts"
import type { Sequence } from "./schema/sequenceOf.ts"
import type { ForeignKey, IndexNode, TableSource } from "./Source.ts"
import { checkRuleNames } from "./schema/ruleNames.ts"

/**
 * CREATE TABLE with its columns, primary key, unique and check constraints and those foreign keys
 * that are not `deferred` to a later ALTER because they close a cycle.
 */
export interface CreateTable extends Carried {
  readonly _tag: "CreateTable"
  readonly table: TableSource
  /** Names of foreign keys left for `AddForeignKey`. */
  readonly deferred: ReadonlyArray<string>
  readonly ifNotExists: boolean
}

export interface DropTable extends Carried {
  readonly _tag: "DropTable"
  readonly table: TableSource
  readonly ifExists: boolean
}

export interface CreateIndex extends Carried {
  readonly _tag: "CreateIndex"
  readonly table: TableSource
  readonly index: IndexNode
  readonly ifNotExists: boolean
}

export interface AddForeignKey extends Carried {
  readonly _tag: "AddForeignKey"
  readonly table: TableSource
  readonly foreignKey: ForeignKey
}

export interface DropForeignKey extends Carried {
  readonly _tag: "DropForeignKey"
  readonly table: TableSource
  readonly foreignKey: ForeignKey
}

/** CREATE VIEW, or CREATE TABLE AS: what a table's definition asks for. */
export interface CreateView extends Carried {
  readonly _tag: "CreateView"
  readonly table: TableSource
  readonly ifNotExists: boolean
  /** A view of this name that is there becomes this one. */
  readonly replaces: boolean
}

export interface DropView extends Carried {
  readonly _tag: "DropView"
  readonly table: TableSource
  readonly ifExists: boolean
}

export interface RefreshView extends Carried {
  readonly _tag: "RefreshView"
  readonly table: TableSource
  readonly concurrently: boolean
}

/** What a comment is on: names as the database has them. */
export type Commented =
  | { readonly _tag: "Table" }
  | { readonly _tag: "Column" | "Constraint" | "Index"; readonly name: string }

/** COMMENT ON; null takes it away. */
export interface CommentOn extends Carried {
  readonly _tag: "CommentOn"
  readonly table: TableSource
  readonly on: Commented
  readonly text: string | null
}

/** CREATE TYPE … AS ENUM, or CREATE DOMAIN. */
export interface CreateType extends Carried {
  readonly _tag: "CreateType"
  readonly type: NamedType
  readonly ifNotExists: boolean
}

export interface DropType extends Carried {
  readonly _tag: "DropType"
  readonly type: NamedType
  readonly ifExists: boolean
}

/**
 * Statements in the dialects' own words; a dialect without one has no such object.
 *
 * @category models
 */
export type DialectTexts = Readonly<Partial<Record<DialectName, string>>>

/**
 * Something of a schema that athanor has no words for: a function, a procedure, a trigger.
 *
 * **Shape** a member of a catalog, told by its name: created after the tables and views of the
 * catalog, dropped before them, in the order of the catalog and back.
 *
 * @category models
 */
export interface TextObject {
  readonly _tag: "TextObject"
  readonly name: string
  /** The tables and views it is about. */
  readonly on: ReadonlyArray<TableSource>
  /** The versions it is for; all of those dialects that have a text where nothing is said. */
  readonly only: Only | null
  readonly create: DialectTexts
  readonly drop: DialectTexts
}

/** What creates, or drops, an object that is known by its text. */
export interface RunText extends Carried {
  readonly _tag: "RunText"
  readonly object: TextObject
  readonly verb: "create" | "drop"
}

export interface CreateSequence extends Carried {
  readonly _tag: "CreateSequence"
  readonly sequence: Sequence
  readonly ifNotExists: boolean
}

export interface DropSequence extends Carried {
  readonly _tag: "DropSequence"
  readonly sequence: Sequence
  readonly ifExists: boolean
}

export interface CreateSchema extends Carried {
  readonly _tag: "CreateSchema"
  readonly schema: NamedSchema
  readonly ifNotExists: boolean
}

export interface DropSchema extends Carried {
  readonly _tag: "DropSchema"
  readonly schema: NamedSchema
  readonly ifExists: boolean
}

/** A function from a schema to a schema. */
export type Ddl =
  | CreateTable
  | DropTable
  | CreateIndex
  | AddForeignKey
  | DropForeignKey
  | CreateView
  | DropView
  | RefreshView
  | CommentOn
  | CreateType
  | DropType
  | RunText
  | CreateSequence
  | DropSequence
  | CreateSchema
  | DropSchema

const freeze = Object.freeze
const carried = (key: string): Carried => ({ key, binds: nothing, ctes: nothing })

export const createTable = (
  table: TableSource,
  deferred: ReadonlyArray<string>,
  ifNotExists: boolean
): CreateTable => {
  checkRuleNames(table)
  return freeze({
    _tag: "CreateTable",
    table,
    deferred: freeze(deferred),
    ifNotExists,
    ...carried(`create(T${table.id}|${deferred.map(quoted).join()}|${ifNotExists})`)
  })
}

export const dropTable = (table: TableSource, ifExists: boolean): DropTable =>
  freeze({ _tag: "DropTable", table, ifExists, ...carried(`drop(T${table.id}|${ifExists})`) })

export const createIndex = (
  table: TableSource,
  index: IndexNode,
  ifNotExists = false
): CreateIndex =>
  freeze({
    _tag: "CreateIndex",
    table,
    index,
    ifNotExists,
    ...carried(`index(T${table.id}|${quoted(index.name)}|${ifNotExists})`)
  })

export const addForeignKey = (table: TableSource, foreignKey: ForeignKey): AddForeignKey =>
  freeze({
    _tag: "AddForeignKey",
    table,
    foreignKey,
    ...carried(`addfk(T${table.id}|${quoted(foreignKey.name)})`)
  })

export const dropForeignKey = (table: TableSource, foreignKey: ForeignKey): DropForeignKey =>
  freeze({
    _tag: "DropForeignKey",
    table,
    foreignKey,
    ...carried(`dropfk(T${table.id}|${quoted(foreignKey.name)})`)
  })

export const createView = (
  table: TableSource,
  ifNotExists: boolean,
  replaces = false
): CreateView =>
  freeze({
    _tag: "CreateView",
    table,
    ifNotExists,
    replaces,
    ...carried(`view(T${table.id}|${ifNotExists}|${replaces})`)
  })

export const dropView = (table: TableSource, ifExists: boolean): DropView =>
  freeze({ _tag: "DropView", table, ifExists, ...carried(`dropview(T${table.id}|${ifExists})`) })

export const refreshView = (table: TableSource, concurrently: boolean): RefreshView =>
  freeze({
    _tag: "RefreshView",
    table,
    concurrently,
    ...carried(`refresh(T${table.id}|${concurrently})`)
  })

export const commentOn = (table: TableSource, on: Commented, text: string | null): CommentOn =>
  freeze({
    _tag: "CommentOn",
    table,
    on: freeze(on),
    text,
    ...carried(
      `comment(T${table.id}|${on._tag}|${on._tag === "Table" ? "" : quoted(on.name)}|` +
        `${text === null ? "" : quoted(text)})`
    )
  })

/** COMMENT ON for all that a table and its rules say. */
export const commentsOn = (table: TableSource): ReadonlyArray<CommentOn> => {
  const said: Array<readonly [Commented, string | null]> = [
    [{ _tag: "Table" }, table.comment],
    ...table.columns.map(({ comment, name }) => [{ _tag: "Column", name }, comment] as const),
    [{ _tag: "Constraint", name: table.primaryKeyName }, table.primaryKeyComment],
    ...[...table.uniques(), ...table.foreignKeys(), ...table.checks(), ...table.exclusions()].map(
      ({ comment, name }) => [{ _tag: "Constraint", name }, comment] as const
    ),
    ...table.indexes().map(({ comment, name }) => [{ _tag: "Index", name }, comment] as const)
  ]
  return said.flatMap(([on, text]) => (text === null ? [] : [commentOn(table, on, text)]))
}

const keyOfType = ({ name, schema }: NamedType): string =>
  `${schema === null ? "" : quoted(schema)}.${quoted(name)}`

export const createType = (type: NamedType, ifNotExists: boolean): CreateType =>
  freeze({
    _tag: "CreateType",
    type,
    ifNotExists,
    ...carried(`type(${keyOfType(type)}|${stampOf(type)}|${ifNotExists})`)
  })

export const dropType = (type: NamedType, ifExists: boolean): DropType =>
  freeze({
    _tag: "DropType",
    type,
    ifExists,
    ...carried(`droptype(${keyOfType(type)}|${stampOf(type)}|${ifExists})`)
  })

export const runText = (object: TextObject, verb: RunText["verb"]): RunText =>
  freeze({ _tag: "RunText", object, verb, ...carried(`text(${stampOf(object)}|${verb})`) })

export const createSequence = (sequence: Sequence, ifNotExists: boolean): CreateSequence =>
  freeze({
    _tag: "CreateSequence",
    sequence,
    ifNotExists,
    ...carried(`sequence(${stampOf(sequence)}|${ifNotExists})`)
  })

export const dropSequence = (sequence: Sequence, ifExists: boolean): DropSequence =>
  freeze({
    _tag: "DropSequence",
    sequence,
    ifExists,
    ...carried(`dropsequence(${stampOf(sequence)}|${ifExists})`)
  })

export const createSchema = (schema: NamedSchema, ifNotExists: boolean): CreateSchema =>
  freeze({
    _tag: "CreateSchema",
    schema,
    ifNotExists,
    ...carried(`schema(${quoted(schema.name)}|${ifNotExists})`)
  })

export const dropSchema = (schema: NamedSchema, ifExists: boolean): DropSchema =>
  freeze({
    _tag: "DropSchema",
    schema,
    ifExists,
    ...carried(`dropschema(${quoted(schema.name)}|${ifExists})`)
  })

const stamps = new WeakMap<object, number>()
let stamped = 0

/** What tells a value of this process from every other: two types may share a name. */
const stampOf = (value: object): number => {
  let stamp = stamps.get(value)
  if (stamp === undefined) stamps.set(value, (stamp = ++stamped))
  return stamp
}

/** The tables a schema statement is about. */
export const tablesOf = (node: Ddl): ReadonlyArray<TableSource> => {
  if ("table" in node) return [node.table]
  return node._tag === "RunText" ? node.object.on : []
}
