import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

const root = fileURLToPath(new URL("../../", import.meta.url))
const folder = join(root, "node_modules/.cache/athanor", `programs-${process.pid}`)

const head = `
import { Column, Database, Expr, Fn, Query, sql, Table, Type } from "athanor"
import type * as BigDecimal from "effect/BigDecimal"
import type * as DateTime from "effect/DateTime"
const t = Table.make("t", {
  id: Column.id(), int: Column.integer(), long: Column.bigint(), text: Column.text(),
  real: Column.double(), is: Column.boolean(), price: Column.numeric(9, 2),
  at: Column.timestamp(), day: Column.date(), raw: Column.bytes(), status: Column.enum(["a", "b"]),
  maybe: Column.text().nullable(), auto: Column.integer().default(1)
})
const u = Table.make("u", { id: Column.id(), tId: Column.integer() })
const c = t.c
declare const price: BigDecimal.BigDecimal
declare const at: DateTime.Utc
declare const anyText: string
const within = Query.from(u).correlate(t).where(u.c.tId.eq(c.id))
const full = {
  int: 1, long: 1n, text: "", real: 1, is: true, price, at, day: null!, raw: new Uint8Array(),
  status: "a"
} as const
`

/** Programs of one line: those a compiler takes, and those it must not. */
const programs: Readonly<
  Record<string, { readonly right: ReadonlyArray<string>; readonly wrong: ReadonlyArray<string> }>
> = {
  "values without a common type do not compare [F42.5 @all]": {
    right: [
      "c.int.eq(1)",
      "c.int.eq(c.id)",
      "c.text.eq('a')",
      "c.text.eq(c.maybe)",
      "c.price.lt(price)",
      "c.at.gte(at)",
      "c.is.eq(true)",
      "c.status.eq('a')",
      "c.int.eq(c.real)",
      "c.day.between(c.day, c.day)",
      "c.int.in([1, 2])"
    ],
    wrong: [
      ...[
        "'1'",
        "true",
        "1n",
        "price",
        "at",
        "c.text",
        "c.is",
        "c.long",
        "c.price",
        "c.at",
        "c.day",
        "c.raw"
      ].flatMap((other) => [`c.int.eq(${other})`, `c.real.lt(${other})`]),
      ...["1", "true", "at", "c.int", "c.is", "c.at", "c.raw"].flatMap((other) => [
        `c.text.ne(${other})`,
        `c.maybe.gte(${other})`
      ]),
      ...["1", "'true'", "c.int", "c.text"].map((other) => `c.is.eq(${other})`),
      "c.at.gt(c.day)",
      "c.at.gt('2024')",
      "c.price.eq(1)",
      "c.price.eq(c.real)",
      "c.long.eq(1)",
      "c.raw.eq('a')",
      "c.status.eq('c')",
      "c.int.between(1, '2')",
      "c.int.in(['1'])",
      "c.text.in([1])",
      "c.int.in(Query.from(t).select(c.text))"
    ]
  },
  "plus is no concatenation, which has one name [F50.2 @all]": {
    right: ["c.text.concat('x')", "c.text.concat(c.maybe)", "c.int.add(1)"],
    wrong: [
      "c.text.add('x')",
      "c.maybe.add(c.text)",
      "c.int.concat('x')",
      "c.text.concat(1)",
      "c.text.sub('x')",
      "c.int.add('x')",
      "c.int.add(c.text)",
      "Fn.concat(c.text, c.text)",
      "c.text.plus('x')"
    ]
  },
  "text of the run does not stand in a literal place [F58.5 @all]": {
    right: ["sql(Type.text)`a ${anyText} b`", "sql(Type.integer)`${c.int} + ${1}`"],
    wrong: [
      "sql(Type.text)(anyText)",
      "sql(Type.text)([anyText])",
      "sql(Type.text)('literal')",
      "sql(Type.text)({ raw: [anyText] })",
      "sql(anyText)`1`",
      "sql`1`"
    ]
  },
  "a required column is given, an unknown or generated one is not [F77.6 @all]": {
    right: [
      "Query.insert(t).values(full)",
      "Query.insert(t).values({ ...full, auto: 5, maybe: null })",
      "Query.insert(t).rows([full])"
    ],
    wrong: [
      "Query.insert(t).values({})",
      "Query.insert(t).values({ ...full, int: undefined })",
      "Query.insert(t).values({ ...full, nobody: 1 })",
      "Query.insert(t).values({ ...full, id: 1 })",
      "Query.insert(t).rows([{ ...full, id: 1 }])",
      "Query.insert(u).rows([{}])",
      "Query.insert(u).rows([{ tId: 1, nobody: 2 }])",
      "Query.insert(u).values({ tId: null })",
      "Query.insert(u).values({ tId: 'x' })"
    ]
  },
  "an open query does not run, and stands where its scope is": {
    right: ["Database.all(Query.from(t).where(within.exists()))", "Database.all(Query.from(u))"],
    wrong: [
      "Database.all(within)",
      "Query.from(u).where(u.c.tId.eq(c.id))",
      "Database.all(Query.from(u).where(within.exists()))"
    ]
  },
  "one key is given once in a projection [F37.4 @all]": {
    right: ["Query.from(t).select({ a: c.int, b: c.int })"],
    wrong: [
      "Query.from(t).select({ a: c.int, a: c.text })",
      "Query.from(t).select({ in: { a: c.int, a: c.text } })"
    ]
  },
  "an expression has a type before it is selected [F113.3 @all]": {
    right: [
      "Query.from(t).select({ a: sql(Type.integer)`1` })",
      "Query.from(t).select({ a: Expr.value(1 as number, Type.integer) })"
    ],
    wrong: [
      "Query.from(t).select({ a: sql`1` })",
      "Query.from(t).select({ a: 1 })",
      "Query.from(t).select({ a: 'x' })",
      "Query.from(t).select({ a: Expr.value(1) })",
      "Query.from(t).select({ a: Expr.param('n') })",
      "Query.from(t).select({ a: null })"
    ]
  }
}

const lines = Object.values(programs).flatMap(({ right, wrong }) => [...right, ...wrong])
/** The first complaint about each line. */
const complaints = new Map<string, string>()

describe("programs of a user", () => {
  beforeAll(() => {
    mkdirSync(folder, { recursive: true })
    const start = head.split("\n").length
    writeFileSync(
      join(folder, "program.ts"),
      `${head}\n${lines.map((line) => `void (${line})`).join("\n")}\n`
    )
    const config = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: { noUnusedLocals: false },
      include: [],
      files: [join(folder, "program.ts")]
    }
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config))
    const tsc = join(root, "node_modules/typescript/bin/tsc")
    const { stdout } = spawnSync(
      process.execPath,
      [tsc, "--project", folder, "--pretty", "false"],
      { encoding: "utf8" }
    )
    for (const [, line, text] of stdout.matchAll(/program\.ts\((\d+),\d+\): (error TS.*)/g)) {
      const program = lines[Number(line) - start - 1]
      if (program === undefined) throw new Error(text)
      if (!complaints.has(program)) complaints.set(program, text!)
    }
    if (complaints.size === 0) throw new Error(stdout)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(Object.entries(programs))("%s", (_, { right, wrong }) => {
    expect(
      right.filter((program) => complaints.has(program)).map((one) => [one, complaints.get(one)])
    ).toEqual([])
    expect(wrong.filter((program) => !complaints.has(program))).toEqual([])
  })
})
