import { Catalog, Column, Database, Expr, Family, Fn, Policy, Query, Range } from "athanor"
import { sql, StatementError, Table, Type, View } from "athanor"
import { compile } from "athanor/compile"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createView } from "../../src/algebra/Ddl.ts"
import { alterVerbs, asColumn, type Driver, inspectorVerbs, made } from "./fuzzSchema.ts"
import { schemaDrivers, type Statement } from "./fuzzSchema.ts"
import { textParameters } from "../support/textParameters.ts"
import { connect, engines } from "../runtime/databases.ts"
import { silent } from "./silentText.ts"
import { dialects } from "./support.ts"

// Hostile text through every public parameter that takes text: a typed refusal, or the same one
// statement as with harmless text, but for the name it quotes and the value it binds.

const hostile: ReadonlyArray<string> = [
  "'",
  '"',
  "`",
  "\\",
  "a'b\"c`d\\e",
  "\u0000",
  "x'; drop table users; --",
  'x"; drop table users; --',
  "x`; drop table users; #",
  "/* a */",
  "*/ ; select 1 /*",
  "-- \n",
  ";",
  "?",
  "$1",
  ":name",
  "😀",
  "\ud83d",
  "__proto__",
  "constructor",
  "select",
  "'' or 1=1",
  "",
  " ",
  "%_",
  "y".repeat(100_000)
]
const harmless = "plain"

/** A family of this name, its tags in a column of that one. */
const family = (name: string, on: string, kept: typeof Family.single = Family.single) => {
  const columns = { id: Column.id(), [on]: Column.text() }
  const made = kept(name, on, columns, { one: { own: Column.integer() } })
  class One extends Family.member<One>()(made, "one") {}
  return Family.of(made, { one: One })
}
/** The same in tables of its members. */
const apart = (name: string, on: string) => {
  const columns = { id: Column.id() }
  const made = Family.concrete(name, on, columns, { one: { own: Column.integer() } })
  class One extends Family.member<One>()(made, "one") {}
  return Family.of(made, { one: One }) as never as ReturnType<typeof family>
}
const users = Table.make("users", { id: Column.id(), name: Column.text(), age: Column.integer() })
const { age, name } = users.c
const from = Query.from(users)

const selected = (expr: unknown): ReadonlyArray<Statement> => [from.select(expr as typeof name)]
const where = (expr: unknown): ReadonlyArray<Statement> => [from.where(expr as never)]
const kept = (view: View.View<string, unknown>): ReadonlyArray<Statement> => [
  ...Catalog.make({ view }).views.map((one) => ({ node: createView(one, false) })),
  Query.from(view)
]
const methodsOf = (expr: unknown) => expr as Readonly<Record<string, (text: string) => unknown>>
const onName =
  (method: string): Driver =>
  (text) =>
    selected(methodsOf(name)[method]!(text))
const pattern =
  (said: (text: string) => unknown): Driver =>
  (text) =>
    selected(said(text))

/** A place in a document, by its legs. */
const documented = (legs: ReadonlyArray<string>): ReadonlyArray<Statement> => {
  const documents = Table.make("documents", {
    id: Column.id(),
    body: Column.make(Type.json(Schema.Unknown as never))
  })
  const body = documents.c.body as unknown as {
    readonly at: (...legs: ReadonlyArray<string>) => unknown
  }
  return [Query.from(documents).select(body.at(...legs) as never)]
}

const days = Type.range(Type.date)
const document = Expr.value({ a: [1] } as unknown, Type.json(Schema.Unknown))
const tags = Expr.value(["a"], Type.array(Type.text))
const facts = Expr.value({ a: "1" }, Type.hstore)

const ann = Query.insert(users).values({ name: "a", age: 1 })
const others = Query.alias(users, "others")
const removing = Query.merge(users)
  .using(others, others.c.id.eq(users.c.id))
  .whenMatched()
  .doDelete()
const asked = (rows: Query.From<string, unknown>) => [Query.from(rows).pipe(Query.writing)]
const escaped =
  (method: string, of: unknown): Driver =>
  (text) =>
    selected(
      (of as Readonly<Record<string, (...args: ReadonlyArray<unknown>) => unknown>>)[method]!(
        "a%",
        {
          // One character: a word is refused.
          escape: text === harmless ? "!" : text
        }
      )
    )

/** How each parameter is reached, by the name the search gives it. */
const drivers: Readonly<Record<string, Driver>> = {
  ...schemaDrivers,
  "Table.as(0)": (text) => kept(Table.as(text, from)),
  "Table.as(2).schema": (text) => kept(Table.as("t", from, { schema: text })),
  "Catalog.inSchema(1)": (text) => [
    Query.from(Catalog.inSchema(Catalog.make({ users }), text).members.users)
  ],
  "View.make(0)": (text) => kept(View.make(text, from)),
  "View.make(2).schema": (text) => kept(View.make("t", from, { schema: text })),
  "Expr.when(1)": (text) => selected(Expr.when(age.eq(1), text).else("other")),
  "SimpleCase#when(1)": (text) => selected(Expr.case(age).when(1, text).else("other")),
  "SimpleCase#else(0)": (text) => selected(Expr.case(age).when(1, "one").else(text)),
  "Fn.greatest(1)": (text) => selected(Fn.greatest(name, text)),
  "Fn.least(1)": (text) => selected(Fn.least(name, text)),
  "Query.alias(1)": (text) => [Query.from(Query.alias(users, text))],
  "Query.comment(0)": (text) => [from.pipe(Query.comment(text) as never)],
  "Query.recursive(0)": (text) => [
    Query.from(
      Query.recursive(
        text,
        from.select({ n: age }),
        (self) =>
          Query.from(self)
            .where(self.c.n.lt(3))
            .select({ n: self.c.n.add(1) }) as never
      )
    )
  ],
  "Select#as(0)": (text) => [Query.from(from.select({ id: users.c.id }).as(text))],
  "Select#cte(0)": (text) => [Query.from(from.select({ id: users.c.id }).cte(text))],
  "Query.call(0)": (text) => [Query.from(Query.call(text, { n: Type.text }, []).as("f"))],
  "FunctionRows#as(0)": (text) => [
    Query.from(Query.call("rows_of", { n: Type.text }, []).as(text))
  ],
  "Insert#cte(0)": (text) => asked(ann.returning({ id: users.c.id }).cte(text)),
  "Inserting#cte(0)": (text) => asked(ann.returning({ id: users.c.id }).cte(text)),
  "Upserting#cte(0)": (text) =>
    asked(
      Query.insert(users)
        .values({ id: 1, name: "a", age: 1 } as never)
        .onConflict(users.c.id)
        .doUpdate({ age: 2 })
        .returning({ id: users.c.id })
        .cte(text)
    ),
  "Update#cte(0)": (text) =>
    asked(Query.update(users).set({ age: 1 }).everyRow().returning({ id: users.c.id }).cte(text)),
  "UpdateJoined#cte(0)": (text) =>
    asked(
      Query.update(users)
        .from(others, others.c.id.eq(users.c.id))
        .set({ age: 1 })
        .returning({ id: users.c.id })
        .cte(text)
    ),
  "Delete#cte(0)": (text) =>
    asked(Query.deleteFrom(users).everyRow().returning({ id: users.c.id }).cte(text)),
  "DeleteUsing#cte(0)": (text) =>
    asked(
      Query.deleteFrom(users)
        .using(others, others.c.id.eq(users.c.id))
        .returning({ id: users.c.id })
        .cte(text)
    ),
  "Merge#cte(0)": (text) => asked(removing.returning({ id: users.c.id }).cte(text)),
  "MergeWhen#cte(0)": (text) => asked(removing.returning({ id: users.c.id }).cte(text)),
  "Inserting#onConflict(0)": (text) => [
    Query.insert(users)
      .values({ name: "a", age: 1 })
      .onConflict(text as never)
      .doNothing()
  ],
  "Policy.tenant(0)": (text) => policed(Policy.tenant(text, 1, { byColumn: true })),
  "Policy.tenant(1)": (text) => policed(Policy.tenant("name", text, { byColumn: true })),
  "Policy.softDelete(0)": (text) => policed(Policy.softDelete(text, { byColumn: true })),
  "Expr.call(0)": (text) => selected(Expr.call(text, Type.text, name)),
  "Expr.collate(1)": (text) => selected(Expr.collate(name, text)),
  "Type.collated(0)": (text) => asColumn(Column.make(Type.collated(text))),
  "Query.custom(0)": (text) => [
    Query.custom(text, { default: (query) => sql(Type.text)`SELECT * FROM (${query}) AS q` })(
      from.select({ name })
    )
  ],
  "Query.statement(0)": (text) => [
    Query.statement(text, { n: Type.text }, { default: () => sql(Type.text)`SELECT 'a' AS n` })()
  ],
  "Fn.define(0)": (text) =>
    selected(Fn.define(text, { args: [Type.text], result: Type.text, print: "lower" })(name)),
  "Fn.define(1).print": (text) =>
    selected(Fn.define("f", { args: [Type.text], result: Type.text, print: text })(name)),
  "Fn.field(1)": (text) => selected(Fn.field(name, text, Type.text)),
  "Fn.nextValue(0)": (text) => selected(Fn.nextValue(text)),
  "Expr.custom(0)": (text) => {
    const own = () => sql(Type.integer)`1`
    return selected(
      Expr.custom(text, Type.integer, { sqlite: own, postgres: own, mysql: own, mariadb: own })()
    )
  },
  "Expr.operator(0)": (text) =>
    selected(
      Expr.operator(text, { left: Type.text, right: Type.text, result: Type.text })(name, name)
    ),
  "Expr.prefix(0)": (text) =>
    selected(Expr.prefix(text, { operand: Type.integer, result: Type.integer })(age)),
  "Expr.param(0)": (text) => selected(Expr.param(text, Type.text)),
  "Expr.paramList(0)": (text) => where(name.in(Expr.paramList(text, Type.text) as never)),
  "Expr.value(0)": (text) => selected(Expr.value(text, Type.text)),
  "Fn.matches(1)": (text) => where(Fn.matches(name, text)),
  "Fn.regexReplace(1)": pattern((text) => Fn.regexReplace(name, text, "b")),
  "Fn.regexReplace(2)": pattern((text) => Fn.regexReplace(name, "b", text)),
  "Fn.search(1)": (text) => where(Fn.search(name, text)),
  "Fn.concatWs(0)": pattern((text) => Fn.concatWs(text, name, "b")),
  "Fn.concatWs(1)": pattern((text) => Fn.concatWs("-", name, text)),
  "Fn.lpad(2)": pattern((text) => Fn.lpad(name, 5, text)),
  "Fn.rpad(2)": pattern((text) => Fn.rpad(name, 5, text)),
  "Fn.position(0)": pattern((text) => Fn.position(text, name)),
  "Fn.replace(1)": pattern((text) => Fn.replace(name, text, "b")),
  "Fn.replace(2)": pattern((text) => Fn.replace(name, "b", text)),
  "Expr#between(0)": (text) => where(name.between(text, "z")),
  "Expr#between(1)": (text) => where(name.between("a", text)),
  ...Object.fromEntries(
    ["eq", "ne", "lt", "lte", "gt", "gte", "same", "like", "ilike", "contains"]
      .concat("startsWith", "endsWith", "concat", "coalesce")
      .map((method) => [`Expr#${method}(0)`, onName(method)])
  ),
  ...Object.fromEntries(
    ["contains", "startsWith", "endsWith", "concat"].map((method): [string, Driver] => [
      `Aggregated#${method}(0)`,
      (text) => selected(methodsOf(Fn.max(name))[method]!(text))
    ])
  ),
  "Fn.stringAgg(1)": (text) => selected(Fn.stringAgg(name, text)),
  "Query.window(0)": (text) => selected(Fn.rowNumber().over(Query.window(text, { orderBy: age }))),
  ...Object.fromEntries(
    [0, 1, 2, 3].map((leg): [string, Driver] => [
      `Expr#at(${leg})`,
      (text) => documented(Array.from({ length: leg + 1 }, (_, i) => (i === leg ? text : "a")))
    ])
  ),
  "Fn.arrayAppend(1)": pattern((text) => Fn.arrayAppend(tags, text)),
  "Fn.arrayPosition(1)": pattern((text) => Fn.arrayPosition(tags, text)),
  "Fn.arrayPrepend(1)": pattern((text) => Fn.arrayPrepend(tags, text)),
  "Fn.arrayPut(2)": pattern((text) => Fn.arrayPut(tags, 1, text)),
  "Fn.arrayRemove(1)": pattern((text) => Fn.arrayRemove(tags, text)),
  "Fn.arrayReplace(1)": pattern((text) => Fn.arrayReplace(tags, text, "x")),
  "Fn.arrayReplace(2)": pattern((text) => Fn.arrayReplace(tags, "x", text)),
  "Fn.range(1)": pattern((text) => Fn.range(days, text as never, null)),
  "Fn.range(2)": pattern((text) => Fn.range(days, null, text as never)),
  "Fn.rangeContains(1)": pattern((text) =>
    Fn.rangeContains(Expr.value(Range.empty, days), text as never)
  ),
  "Fn.jsonAppend(2)": pattern((text) => Fn.jsonAppend(document, [], text)),
  "Fn.jsonSet(2)": pattern((text) => Fn.jsonSet(document, ["a"], text)),
  "Fn.jsonSet keys": pattern((text) => Fn.jsonSet(document, [text], 1)),
  "Fn.jsonPathExists(1)": pattern((text) => Fn.jsonPathExists(document, text)),
  "Fn.jsonPathMatches(1)": pattern((text) => Fn.jsonPathMatches(document, text)),
  "Fn.jsonPathQuery(1)": pattern((text) => Fn.jsonPathQuery(document, text)),
  "Fn.searchQuery(0)": pattern((text) => Fn.searchQuery(text)),
  "Fn.searchQuery(1).config": pattern((text) => Fn.searchQuery("a", { config: text })),
  "Fn.searchVector(1)": pattern((text) => Fn.searchVector(name, text)),
  "Fn.searchHeadline(2)": pattern((text) => Fn.searchHeadline(name, Fn.searchQuery("a"), text)),
  "Fn.hstoreGet(1)": pattern((text) => Fn.hstoreGet(facts, text)),
  "Fn.hstoreHas(1)": pattern((text) => Fn.hstoreHas(facts, text)),
  "Fn.search(2).config": (text) => where(Fn.search(name, "a", { config: text })),
  "Family.single(0)": (text) => [Query.from(family(text, "kind"))],
  "Family.single(1)": (text) => {
    const things = family("things", text)
    return [Query.from(things).select({ a: things.c[text]! })]
  },
  "Family.concrete(0)": (text) => [Query.from(apart(text, "kind"))],
  // Under a made-up label where it is no word: `AS c0` is told, a reference to it is not.
  "Family.concrete(1)": (text) => {
    const things = apart("things", text)
    return [Query.from(things).select({ a: things.c.id })]
  },
  "Family.joined(0)": (text) => [Query.from(family(text, "kind", Family.joined))],
  // Its table: a query has it in a derived table, under a made-up label where it is no word.
  "Family.joined(1)": (text) => made(family("things", text, Family.joined)),
  "Table.make(3).schema": (text) => [
    Query.from(Table.make("t", { id: Column.id() }, () => [], { schema: text }))
  ],
  "Table.exact(3).schema": (text) => [
    Query.from(Table.exact("t", { id: Column.integer() }, () => [], { schema: text }))
  ],
  ...Object.fromEntries(
    ["like", "ilike"].flatMap((method): ReadonlyArray<readonly [string, Driver]> => [
      [`Expr#${method}(1).escape`, escaped(method, name)],
      [`Aggregated#${method}(1).escape`, escaped(method, Fn.max(name))]
    ])
  ),
  // Found in no type: names of columns are keys of a record, and holes stand in a template.
  "select keys": (text) => [from.select({ [text]: name, other: age })],
  "sql holes": (text) => selected(sql(Type.text)`lower(${text})`)
}

const policed = (policy: Policy.Policy): ReadonlyArray<Statement> => [
  { ...from, node: from.node, policies: [policy] } as unknown as Statement
]

/** What a dialect quotes: names, texts, comments. */
const quotations = {
  sqlite: /"(?:[^"]|"")*"|'(?:[^']|'')*'|\/\*.*?\*\//gs,
  postgres: /"(?:[^"]|"")*"|'(?:[^']|'')*'|\/\*.*?\*\//gs,
  mysql: /`(?:[^`]|``)*`|'(?:[^']|'')*'|\/\*.*?\*\//gs,
  mariadb: /`(?:[^`]|``)*`|'(?:[^']|'')*'|\/\*.*?\*\//gs
} as const

/** Texts that are ordinary words stand without quotes, and names made of them too. */
const bare = /\b(?:t_)?(?:plain|constructor|__proto__|y{20,})\w*|\bselect(?:_\w+|(?=\())/g

/** The words of a statement without what the text became: a quotation, a word, a made-up label. */
const shapeOf = (text: string, dialect: (typeof dialects)[number]): string =>
  text
    .replace(quotations[dialect], "§")
    .replace(bare, "§")
    // A text with a backslash goes as its bytes.
    .replaceAll(/CONVERT\(X§ USING utf8mb4\)|\b[xX]§/g, "§")
    .replaceAll(/\bAS c\d+/g, "AS §")
    // The backslash is PostgreSQL's own escape: it goes without saying.
    .replaceAll(" ESCAPE §", "")

type Said =
  | { readonly _tag: "Refused" }
  | { readonly _tag: "Said"; readonly texts: ReadonlyArray<string> }

const say = (drive: Driver, text: string, dialect: (typeof dialects)[number]): Said => {
  try {
    const texts = drive(text).map((statement) => {
      const { policies = [] } = statement as { readonly policies?: ReadonlyArray<Policy.Policy> }
      const compiled = compile(statement, dialect, { policies })
      return compiled._tag === "Compiled" ? compiled.text : `refused: ${compiled.capability}`
    })
    return { _tag: "Said", texts }
  } catch (error) {
    expect(error, `${JSON.stringify(text).slice(0, 80)}: ${String(error)}`).toBeInstanceOf(
      StatementError
    )
    return { _tag: "Refused" }
  }
}

test("every public parameter that takes text is fuzzed, or says nothing", () => {
  const found = textParameters("src/index.ts").map(
    ({ index, option, owner }) => `${owner}(${index})${option === undefined ? "" : `.${option}`}`
  )
  const known = new Set([...Object.keys(drivers), ...Object.keys(verbs), ...Object.keys(silent)])
  const strange = found.filter((one) => !known.has(one))
  expect(
    strange.map(
      (one) =>
        `${one} takes text: add "${one}": (text) => [a statement with it] to \`drivers\` of this ` +
        "file, or to `silent` why no server sees it"
    )
  ).toEqual([])
  const own = [
    "Table.exact(1)",
    "Table.make(1)",
    "select keys",
    "sql holes",
    "Fn.jsonSet keys",
    "Convention.make templates"
  ]
  expect([...known].filter((one) => !found.includes(one) && !own.includes(one))).toEqual([])
  expect(found.length).toBeGreaterThan(50)
}, 120_000)

describe.each(Object.entries(drivers))("hostile text through %s", (_, drive) => {
  test.each(dialects)("%s sees the same statement", (dialect) => {
    const plain = say(drive, harmless, dialect)
    for (const text of hostile) {
      const said = say(drive, text, dialect)
      if (said._tag === "Refused") continue
      // What refuses a harmless word takes no text at all.
      expect(plain._tag, JSON.stringify(text).slice(0, 80)).toBe("Said")
      if (plain._tag === "Refused") continue
      said.texts.forEach((one, i) => {
        if (one.startsWith("refused:")) return
        expect(shapeOf(one, dialect), JSON.stringify(text).slice(0, 80)).toBe(
          shapeOf(plain.texts[i]!, dialect)
        )
      })
    }
  })
})

test("twin: a text that is pasted into the statement changes its shape", () => {
  const pasted = (text: string): string => `SELECT lower('${text}') AS c0 FROM users`
  for (const dialect of dialects)
    expect(
      hostile.filter((text) => shapeOf(pasted(text), dialect) !== shapeOf(pasted("x"), dialect))
        .length
    ).toBeGreaterThan(2)
})

const built = (drive: Driver, text: string): ReadonlyArray<Statement> => {
  try {
    return drive(text)
  } catch {
    return []
  }
}

describe.each(engines)("hostile text on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ users })))
    await database.run(Database.run(Query.insert(users).values({ name: "Ann", age: 1 })))
  })
  afterAll(() => database.dispose())

  test("each statement is one statement: it answers or fails with a type", async () => {
    let answers = 0
    for (const [where, drive] of Object.entries(drivers))
      for (const text of hostile)
        for (const statement of built(drive, text)) {
          const { node } = statement
          const isWrite =
            node._tag === "Insert" || node.ctes.some(({ query }) => "returned" in query)
          const asked = Database.all(statement as Query.Select<unknown, never, never>)
          const exit = await database.run(
            Effect.exit(isWrite ? undone(asked) : asked).pipe(Effect.timeout("20 seconds"))
          )
          if (exit._tag === "Success") answers++
          else
            expect(
              exit.cause.reasons.filter((one) => !isTyped(one)).map(String),
              `${where} of ${JSON.stringify(text).slice(0, 80)}: ${String(exit.cause)}`
            ).toEqual([])
        }
    expect(answers).toBeGreaterThan(500)
    expect(await database.run(Database.all(from.select(name)))).toEqual(["Ann"])
  }, 120_000)
})

type Verb = (text: string) => Effect.Effect<unknown, unknown, Database>

/** Verbs that say something to a server with a text of the program. */
const verbs: Readonly<Record<string, Verb>> = {
  "Database.lock(0)": (text) =>
    Effect.scoped(Effect.asVoid(Database.lock(text, { wait_ms: 0 }) as never)),
  "Database.prepare(0)": (text) =>
    Effect.flatMap(
      Database.prepare(text, Database.all(from.select(age))),
      (branch) => branch.rollback
    ),
  "Database.listen(0)": (text) =>
    Stream.runDrain(Stream.take(Database.listen(text), 1)).pipe(Effect.timeoutOption("100 millis")),
  "Database.notify(0)": (text) => Database.notify(text, "a"),
  "Database.notify(1)": (text) => Database.notify("heard", text),
  ...alterVerbs,
  ...inspectorVerbs,
  "Database.commitPrepared(0)": (text) => Database.commitPrepared(text),
  "Database.rollbackPrepared(0)": (text) => Database.rollbackPrepared(text)
}

describe.each(engines)("hostile text through the verbs on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ users })))
    await database.run(Database.run(Query.insert(users).values({ name: "Ann", age: 1 })))
  })
  afterAll(() => database.dispose())

  test.each(Object.entries(verbs))("%s answers or fails with a type", async (where, verb) => {
    for (const text of hostile) {
      const exit = await database.run(Effect.exit(verb(text)).pipe(Effect.timeout("20 seconds")))
      const said = `${where} of ${JSON.stringify(text).slice(0, 80)}`
      if (exit._tag === "Success") continue
      expect(exit.cause.reasons.filter((one) => !isTyped(one)).map(String), said).toEqual([])
      expect(exit.cause.reasons.map(syntaxOf), said).not.toContain("syntax")
    }
    expect(await database.run(Database.all(from.select(name)))).toEqual(["Ann"])
  })
})

/** What a server makes of a text it cannot read. */
const syntaxOf = (reason: Cause.Reason<unknown>): unknown =>
  reason._tag === "Fail" ? (reason.error as { readonly kind?: unknown }).kind : null

/** A failure of the database's own types, or a statement that means nothing. */
const isTyped = (reason: Cause.Reason<unknown>): boolean => {
  if (reason._tag === "Die") return reason.defect instanceof StatementError
  if (reason._tag !== "Fail") return false
  const { error } = reason
  return typeof error === "object" && error !== null && "_tag" in error
    ? error._tag !== "TimeoutError"
    : false
}

/** Whatever it did is rolled back. */
const undone = (effect: Effect.Effect<unknown, unknown, Database>) =>
  Effect.catchIf(
    Database.transaction(Effect.andThen(effect, Effect.fail("undone"))),
    (error) => error === "undone",
    () => Effect.succeed([])
  )
