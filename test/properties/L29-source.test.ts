/** L29, printed: the catalog of the printed source is the schema that was read. */
import { type Catalog, Database } from "athanor"
import { capabilities, catalogSource } from "athanor/compile"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Snapshot, SnapshotColumn, SnapshotTable } from "../../src/algebra/schema/Snapshot.ts"
import { comparable } from "../../src/compile/schema/erased.ts"
import { normalType } from "../../src/compile/schema/normalType.ts"
import { readType } from "../../src/compile/schema/readType.ts"
import { snapshotOf } from "../../src/compile/schema/snapshotOf.ts"
import { connect, engines } from "../runtime/databases.ts"
import { catalogOf, catalogSpecs } from "./support/catalogs.ts"
import { caught, timeFor, upheldOn } from "./support/law.ts"
import { workshop } from "./support/printed.ts"

const shop = await workshop("source")
afterAll(shop.close)

describe.each(engines)("L29 source on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
  })
  afterAll(() => connected.dispose())

  test(
    "what was read, printed and imported is a catalog of the same schema [F99.5]",
    async () => {
      let tables = 0
      await upheldOn(
        catalogSpecs,
        async (specs) => {
          const catalog = catalogOf(specs, engine)
          const found = await connected.run(
            Effect.ensuring(
              Effect.andThen(Database.create(catalog), Database.reflect()),
              Effect.orDie(Database.drop(catalog))
            )
          )
          const printed = await shop.catalogIn(catalogSource(found).text)
          tables += found.tables.length
          const again = comparable(snapshotOf(printed, capabilities(engine)))
          expect(again).toEqual(comparable(found))
          return true
        },
        40
      )
      process.stdout.write(`L29 source on ${engine}: ${shop.count()} modules, ${tables} tables\n`)
    },
    timeFor(240_000)
  )
})

const hostile = [
  "'",
  '"',
  "`",
  "\\",
  "${1}",
  "*/",
  "*/ throw 1 /*",
  "//",
  "\n",
  "\r\n",
  "\u2028",
  "\u2029",
  "\u202e",
  "\u0000".slice(1),
  "__proto__",
  "constructor",
  "then",
  "default",
  "class",
  "await",
  "undefined",
  "catalog",
  "Table",
  "Columns",
  "asGiven",
  "sql",
  "c",
  "0",
  "10",
  "$0",
  "a b",
  "a_b",
  "a$b",
  "1a",
  "_1a",
  "😀",
  "日本",
  "é",
  "e\u0301",
  "@ts-expect-error",
  ["* @ts", "ignore"].join("-"),
  "\\u0041",
  "</script>",
  "(): Columns =>",
  "constant(sql(",
  " ",
  "toString"
].filter((text) => text !== "")

const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...hostile),
  fc.tuple(fc.constantFrom(...hostile), fc.constantFrom(...hostile)).map((two) => two.join("")),
  fc
    .string({ unit: "binary", minLength: 1, maxLength: 12 })
    .filter((one) => one.isWellFormed() && !one.includes("\u0000"))
)

/** Two known types in each dialect's words. */
const words = {
  sqlite: { text: "TEXT", integer: "INTEGER" },
  postgres: { text: "text", integer: "integer" },
  mariadb: { text: "longtext", integer: "int" }
} as const

type EngineName = keyof typeof words

const column = (dialect: EngineName): fc.Arbitrary<SnapshotColumn> =>
  fc
    .record({
      name: text,
      kind: fc.constantFrom("text" as const, "integer" as const, "place" as const),
      unknown: text,
      nullable: fc.boolean(),
      value: fc.option(text),
      formula: fc.option(text),
      comment: fc.option(text)
    })
    .map(({ comment, formula, kind, name, nullable, unknown, value }) => ({
      name,
      type: kind === "place" ? normalType(dialect, `a ${unknown} type`) : words[dialect][kind],
      sql: kind === "place" ? null : readType(dialect, words[dialect][kind]),
      nullable,
      default: value === null ? null : `'${value.replaceAll("'", "''")}'`,
      computed: formula === null ? null : { expression: formula, stored: true },
      identity: null,
      counter: null,
      collation: null,
      comment
    }))

const table = (dialect: EngineName): fc.Arbitrary<SnapshotTable> =>
  fc
    .record({
      name: text,
      columns: fc.uniqueArray(column(dialect), {
        selector: ({ name }) => name,
        minLength: 1,
        maxLength: 4
      }),
      comment: fc.option(text),
      rule: text,
      remark: fc.option(text),
      condition: text
    })
    .map(({ columns, comment, condition, name, remark, rule }) => {
      const [first] = columns
      const whole = { operatorClass: null, length: null }
      const part = { ...whole, column: first!.name, expression: null, descending: true }
      return {
        schema: null,
        name,
        columns,
        primaryKey: null,
        uniques: [
          {
            name: rule,
            columns: [first!.name],
            comment: remark,
            include: [],
            nullsEqual: false,
            deferrable: "no" as const
          }
        ],
        exclusions: [],
        foreignKeys: [
          {
            name: `${name}_${first!.name}_fkey`,
            columns: [first!.name],
            target: { schema: null, table: name },
            targetColumns: [first!.name],
            onDelete: "cascade" as const,
            onUpdate: "no action" as const,
            deferrable: "no" as const,
            match: "simple" as const,
            comment: remark
          }
        ],
        checks: [{ name: `${rule} too`, predicate: condition, comment: remark }],
        indexes: [
          {
            name: `${rule} as well`,
            unique: false,
            parts: [part, { ...whole, column: null, expression: condition, descending: false }],
            where: condition,
            method: dialect === "sqlite" ? null : "btree",
            include: [],
            nullsEqual: false,
            options: {},
            comment: remark
          }
        ],
        comment,
        options: {}
      }
    })

const snapshots = (dialect: EngineName): fc.Arbitrary<Snapshot> =>
  fc
    .uniqueArray(table(dialect), { selector: ({ name }) => name, minLength: 1, maxLength: 4 })
    .map((tables) => ({
      dialect,
      tables,
      views: [
        {
          schema: null,
          name: `${tables[0]!.name} too`,
          materialized: false,
          definition: `SELECT 1 AS one -- ${tables[0]!.name}`,
          columns: [
            {
              name: "one",
              type: words[dialect].integer,
              sql: readType(dialect, words[dialect].integer),
              nullable: true
            }
          ]
        }
      ],
      sequences: [],
      enums: [],
      domains: []
    }))

/** All that stands in a table, with the names of its rules. */
const saidBy = (catalog: Catalog.Catalog, dialect: EngineName) =>
  snapshotOf(catalog, {
    ...capabilities(dialect),
    maxIdentifier: { length: 1e6, unit: "bytes" }
  })

describe("names, comments and texts of a database stay what they are", () => {
  test.each(engines)(
    "whatever they hold on %s, the source says them and nothing else [F99.6]",
    async (engine) => {
      await upheldOn(
        snapshots(engine),
        async (snapshot) => {
          const { text: source, unsaid } = catalogSource(snapshot)
          const { tables: found, views } = saidBy(await shop.catalogIn(source), engine)
          expect(views).toEqual(snapshot.views)
          const wanted = [...snapshot.tables].sort((a, b) => (a.name < b.name ? -1 : 1))
          expect(found.map(({ name }) => name)).toEqual(wanted.map(({ name }) => name))
          for (const [at, one] of wanted.entries()) {
            const { checks, columns, comment, foreignKeys, indexes, uniques } = found[at]!
            expect(comment).toBe(one.comment)
            expect(columns.map((each) => each.comment)).toEqual(
              one.columns.map((each) => each.comment)
            )
            expect(columns.map(({ name }) => name)).toEqual(one.columns.map(({ name }) => name))
            expect(columns.map(({ type }) => type)).toEqual(one.columns.map(({ type }) => type))
            expect(columns.map(({ computed }) => computed)).toEqual(
              one.columns.map(({ computed }) => computed)
            )
            expect(checks).toEqual(one.checks)
            expect(uniques).toEqual(one.uniques)
            expect(indexes).toEqual(one.indexes)
            expect(foreignKeys).toHaveLength(1)
          }
          // What is not known is told with its column, each of them.
          const unknown = snapshot.tables.flatMap(({ columns, name }) =>
            columns.filter(({ sql }) => sql === null).map((one) => [name, one.name])
          )
          expect(
            unsaid
              .filter(({ message }) => message.includes("not known"))
              .map((one) => [one.table, one.column])
          ).toEqual(unknown)
          return true
        },
        50
      )
    },
    timeFor(60_000)
  )

  test("twin: comments printed as they are are caught", () => {
    caught(
      "a comment ends where it says",
      text,
      (one) => {
        const end = `/** ${one} */`.indexOf("*/")
        return end === one.length + 5
      },
      ["", "plain", "it's"]
    )
  })
})

test(
  "what was printed above compiles, all of it",
  async () => {
    expect(shop.count()).toBeGreaterThanOrEqual(3 * 40 + 3 * 50)
    expect(await shop.complaints()).toBe("")
  },
  timeFor(240_000)
)
