/** Statements that hold a text where a schema is declared. */
import { Alter, Catalog, Check, Column, Convention, Database, Exclude, ForeignKey } from "athanor"
import {
  Index,
  NamedSchema,
  NamedType,
  PrimaryKey,
  Query,
  Sequence,
  Table,
  Type,
  Unique
} from "athanor"
import type { compile } from "athanor/compile"
import * as Effect from "effect/Effect"
import { createSchema, createSequence, createType } from "../../src/algebra/Ddl.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { createOrder } from "../../src/compile/schema/schemaOrder.ts"

/** Statements, or their makers, that hold a text. */
export type Statement = { readonly node: Parameters<typeof compile>[0]["node"] }
export type Driver = (text: string) => ReadonlyArray<Statement>

const { name } = Table.make("users", { name: Column.text() }).c

export const made = (table: Query.From<string, unknown>): ReadonlyArray<Statement> =>
  // With the comments, which are statements of their own on one dialect.
  createOrder(Catalog.make({ table }).tables, capabilities("postgres")).map((node) => ({ node }))
/** A table with the column. */
export const asColumn = (column: unknown): ReadonlyArray<Statement> =>
  made(Table.make("t", { id: Column.id(), extra: column as ReturnType<typeof Column.text> }))
/** Writes of a table that leave the column to itself. */
const filled = (extra: unknown): ReadonlyArray<Statement> => {
  const column = extra as Column.Column<string, "optional", "yes">
  const table = Table.make("t", { n: Column.integer(), extra: column })
  return [Query.insert(table).values({ n: 1 }), Query.update(table).set({ n: 2 }).everyRow()]
}
/** A sequence created, and asked for a number. */
const sequenced = (sequence: Sequence.Sequence): ReadonlyArray<Statement> => [
  { node: createSequence(sequence, false) },
  Query.select(Sequence.next(sequence))
]

/** A table with the rule. */
const items = (item: (c: { readonly a: typeof name }) => unknown): ReadonlyArray<Statement> =>
  made(Table.make("t", { a: Column.varchar(9) }, (c) => [item(c as never) as never]))

/** A type kept by name, and a table with a column of it. */
const typed = (type: ReturnType<typeof NamedType.domain>): ReadonlyArray<Statement> => [
  ...Catalog.make({ type }).types.map((one) => ({ node: createType(one, false) })),
  ...asColumn(Column.make(type))
]

export const schemaDrivers: Readonly<Record<string, Driver>> = {
  "NamedSchema.make(0)": (text) => [{ node: createSchema(NamedSchema.make(text), false) }],
  "Sequence.make(0)": (text) => sequenced(Sequence.make(text)),
  "Sequence.next(0).name": (text) => sequenced({ ...Sequence.make("s"), name: text }),
  "Sequence.next(0).schema": (text) => sequenced({ ...Sequence.make("s"), schema: text }),
  "Sequence.make(1).schema": (text) => sequenced(Sequence.make("s", { schema: text })),
  "Check.with(0).name": (text) => items((c) => Check.with({ name: text }, c.a.eq("x"))),
  "Check.with(0).comment": (text) => items((c) => Check.with({ comment: text }, c.a.eq("x"))),
  "Convention.exact(0)": (text) => items((c) => Unique.with({ name: Convention.exact(text) }, c.a)),
  "Convention.make templates": (text) =>
    made(
      Table.make("t", { a: Column.varchar(9) }, (c) => [Unique.on(c.a)], {
        naming: Convention.make({ unique: text })
      })
    ),
  "Exclude.on(0).name": (text) => items((c) => Exclude.on({ name: text }, [c.a, "="])),
  "Exclude.on(0).using": (text) => items((c) => Exclude.on({ using: text }, [c.a, "="])),
  "Exclude.on(0).comment": (text) => items((c) => Exclude.on({ comment: text }, [c.a, "="])),
  "ForeignKey.on(2).name": (text) =>
    items((c) => ForeignKey.on([c.a], () => [name], { name: text })),
  "ForeignKey.on(2).comment": (text) =>
    items((c) => ForeignKey.on([c.a], () => [name], { comment: text })),
  "Column#references(1).name": (text) =>
    asColumn(Column.text().references(() => name, { name: text })),
  "Column#references(1).comment": (text) =>
    asColumn(Column.text().references(() => name, { comment: text })),
  "Column#serverDefault(0)": (text) => asColumn(Column.text().serverDefault(text)),
  "Column#default(0)": (text) => filled(Column.text().default(text)),
  "Column#onUpdate(0)": (text) => filled(Column.text().default("").onUpdate(text)),
  "Column#comment(0)": (text) => asColumn(Column.text().comment(text)),
  "Index.with(0).comment": (text) => items((c) => Index.with({ comment: text }, c.a)),
  "PrimaryKey.with(0).name": (text) => items((c) => PrimaryKey.with({ name: text }, c.a)),
  "PrimaryKey.with(0).comment": (text) => items((c) => PrimaryKey.with({ comment: text }, c.a)),
  "Unique.with(0).name": (text) => items((c) => Unique.with({ name: text }, c.a)),
  "Unique.with(0).comment": (text) => items((c) => Unique.with({ comment: text }, c.a)),
  "Table.make(3).comment": (text) =>
    made(Table.make("t", { id: Column.id() }, undefined, { comment: text })),
  "Table.exact(3).comment": (text) =>
    made(Table.exact("t", { id: Column.id() }, undefined, { comment: text })),
  "NamedType.enumeration(0)": (text) => typed(NamedType.enumeration(text, ["a"])),
  "NamedType.enumeration(2).schema": (text) =>
    typed(NamedType.enumeration("t", ["a"], { schema: text })),
  "NamedType.domain(0)": (text) => typed(NamedType.domain(text, Type.integer)),
  "NamedType.domain(2).checkName": (text) =>
    typed(NamedType.domain("t", Type.integer, { checkName: text, check: (one) => one.gt(1) })),
  "NamedType.domain(2).schema": (text) =>
    typed(NamedType.domain("t", Type.integer, { schema: text })),
  "Check.that(1)": (text) => items((c) => Check.that(c.a.eq("x"), text)),
  "Index.named(0)": (text) => items((c) => Index.named(text, c.a)),
  "Index.with(0).name": (text) => items((c) => Index.with({ name: text }, c.a)),
  "Unique.named(0)": (text) => items((c) => Unique.named(text, c.a)),
  "Column#named(0)": (text) => asColumn(Column.text().named(text)),
  "Table.make(0)": (text) => made(Table.make(text, { id: Column.id() })),
  "Table.exact(0)": (text) => made(Table.exact(text, { id: Column.id() })),
  "Table.exact(1)": (text) => made(Table.exact("t", { [text]: Column.integer() })),
  "Table.make(1)": (text) => made(Table.make("t", { [text]: Column.integer() }))
}

/** An alteration as it runs; what changes the table is refused or rolled back. */
const altering =
  (make: (text: string) => Alter.Alteration) =>
  (text: string): Effect.Effect<unknown, unknown, Database> => {
    const run = Effect.suspend(() => Database.alter(make(text)))
    return Effect.catchIf(
      Database.transaction(Effect.andThen(run, Effect.fail("undone"))),
      (error) => error === "undone",
      () => Effect.succeed([])
    )
  }

const onTable = {
  renameTable: (table: Alter.TableName) => Alter.renameTable(table, "other"),
  dropColumn: (table: Alter.TableName) => Alter.dropColumn(table, "age"),
  renameColumn: (table: Alter.TableName) => Alter.renameColumn(table, "age", "other"),
  dropRule: (table: Alter.TableName) => Alter.dropRule(table, "other"),
  renameRule: (table: Alter.TableName) => Alter.renameRule(table, "other", "another"),
  dropPrimaryKey: (table: Alter.TableName) => Alter.dropPrimaryKey(table),
  move: (what: Alter.TableName) => Alter.move(what, "other"),
  dropIdentity: (table: Alter.TableName) => Alter.dropIdentity(table, "id"),
  commentRule: (table: Alter.TableName) => Alter.commentRule(table, "other", "x"),
  validateRule: (table: Alter.TableName) => Alter.validateRule(table, "other"),
  addValue: (type: Alter.TableName) => Alter.addValue(type, "other"),
  comment: (table: Alter.TableName) => Alter.comment(table, "other"),
  dropView: (view: Alter.TableName) => Alter.dropView(view)
}

export const alterVerbs = {
  ...Object.fromEntries(
    Object.entries(onTable).flatMap(([name, make]) => [
      [`Alter.${name}(0).schema`, altering((text) => make({ schema: text, name: "users" }))],
      [`Alter.${name}(0).name`, altering((text) => make({ schema: "main", name: text }))]
    ])
  ),
  "Alter.renameTable(0)": altering((text) => Alter.renameTable(text, "other")),
  "Alter.renameTable(1)": altering((text) => Alter.renameTable("users", text)),
  "Alter.move(0)": altering((text) => Alter.move(text, "other")),
  "Alter.move(1)": altering((text) => Alter.move("users", text)),
  "Alter.dropIdentity(0)": altering((text) => Alter.dropIdentity(text, "id")),
  "Alter.dropIdentity(1)": altering((text) => Alter.dropIdentity("users", text)),
  "Alter.commentRule(0)": altering((text) => Alter.commentRule(text, "other", "x")),
  "Alter.commentRule(1)": altering((text) => Alter.commentRule("users", text, "x")),
  "Alter.commentRule(2)": altering((text) => Alter.commentRule("users", "users_pkey", text)),
  "Alter.dropColumn(0)": altering((text) => Alter.dropColumn(text, "age")),
  "Alter.dropColumn(1)": altering((text) => Alter.dropColumn("users", text)),
  "Alter.renameColumn(0)": altering((text) => Alter.renameColumn(text, "age", "other")),
  "Alter.renameColumn(1)": altering((text) => Alter.renameColumn("users", text, "other")),
  "Alter.renameColumn(2)": altering((text) => Alter.renameColumn("users", "age", text)),
  "Alter.validateRule(0)": altering((text) => Alter.validateRule(text, "other")),
  "Alter.validateRule(1)": altering((text) => Alter.validateRule("users", text)),
  "Alter.addValue(0)": altering((text) => Alter.addValue(text, "other")),
  "Alter.addValue(1)": altering((text) => Alter.addValue("mood", text)),
  "Alter.addValue(2).before": altering((text) => Alter.addValue("mood", "x", { before: text })),
  "Alter.addValue(2).after": altering((text) => Alter.addValue("mood", "x", { after: text })),
  "Alter.comment(0)": altering((text) => Alter.comment(text, "other")),
  "Alter.comment(1)": altering((text) => Alter.comment("users", text)),
  "Alter.comment(2)": altering((text) => Alter.comment("users", "other", text)),
  "Alter.dropView(0)": altering((text) => Alter.dropView(text)),
  "Alter.dropRule(0)": altering((text) => Alter.dropRule(text, "other")),
  "Alter.dropRule(1)": altering((text) => Alter.dropRule("users", text)),
  "Alter.renameRule(0)": altering((text) => Alter.renameRule(text, "other", "another")),
  "Alter.renameRule(1)": altering((text) => Alter.renameRule("users", text, "another")),
  "Alter.renameRule(2)": altering((text) => Alter.renameRule("users", "other", text)),
  "Alter.dropPrimaryKey(0)": altering((text) => Alter.dropPrimaryKey(text))
}

export const inspectorVerbs = {
  "Database.reflect(0).schema": (text: string) => Database.reflect({ schema: text }),
  "Database.has(0).name": (text: string) => Database.has({ kind: "index", name: text }),
  "Database.has(0).schema": (text: string) =>
    Database.has({ kind: "table", name: "users", schema: text })
}
