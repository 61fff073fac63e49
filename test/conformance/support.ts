/** What the conformance tests share: a database of one's own, its failures, and the oracle. */
import { Catalog, Database, type Expr, Query } from "athanor"
import { compile } from "athanor/compile"
import type { Capabilities, DialectName, Refusal } from "athanor/compile"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { afterAll, beforeAll, expect } from "vitest"
import type { Relation } from "../../src/algebra/Relation.ts"
import type { TableRow, World } from "../oracle/Meaning.ts"
import { answer } from "../oracle/query.ts"
import { inward } from "../oracle/Value.ts"
import { inClasses } from "../properties/support/canonical.ts"
import { connect, type EngineName } from "../runtime/databases.ts"

export { engines, type EngineName } from "../runtime/databases.ts"

type Connected = Awaited<ReturnType<typeof connect>>
type Members = Readonly<Record<string, Query.From<string, unknown>>>
type Rows = ReadonlyArray<Readonly<Record<string, unknown>>>

/** The error an effect's exit carries; everything else is a failure of the test. */
const errorOf = <E>(exit: Exit.Exit<unknown, E>): E => {
  if (Exit.isSuccess(exit)) throw new Error("it succeeded")
  const reason = exit.cause.reasons.find((one) => one._tag === "Fail")
  if (reason === undefined) throw new Error(`no typed failure: ${Cause.pretty(exit.cause)}`)
  return reason.error
}

/**
 * The database of a test file on one engine, made before its tests and closed after them.
 *
 * `fill` inserts rows and remembers them, so that `agrees` can ask the oracle what a query means.
 */
export const useDatabase = <const M extends Members>(engine: EngineName, members: M) => {
  let connected: Connected | undefined
  const world = new Map<Catalog.Catalog["tables"][number], ReadonlyArray<TableRow>>()
  const catalog = Catalog.make(members)
  const run: Connected["run"] = (effect) => connected!.run(effect)

  beforeAll(async () => {
    connected = await connect(engine)
    await run(Database.create(catalog))
    for (const table of catalog.tables) world.set(table, [])
  })
  afterAll(() => connected?.dispose())

  const fill = async (name: keyof M & string, rows: Rows): Promise<void> => {
    const into = Query.insert(members[name] as never)
    if (rows.length > 0) await run(Database.run(into.rows(rows as never)))
    const table = Catalog.make({ one: members[name]! }).tables[0]!
    const before = world.get(table) ?? []
    world.set(table, [
      ...before,
      ...rows.map((row, i) =>
        Object.fromEntries(
          table.columns.map(({ identity, key, type }) => [
            key,
            identity ? BigInt(before.length + i + 1) : inward(row[key] ?? null, type)
          ])
        )
      )
    ])
  }

  /** What the oracle says the rows of a query are. */
  const meaning = (query: { readonly node: Relation }, parameters: World["parameters"] = {}) =>
    answer(query.node, {
      database: world,
      dialect: engine,
      parameters,
      users: { scalar: {}, relation: {} },
      ctes: new Map(),
      effort: { rows: 0 }
    })

  /** Runs a query and demands the oracle's rows, in the order it promises. Gives them back. */
  const agrees = async <Row, S extends string>(
    query: Query.Select<Row, never, S>,
    parameters: World["parameters"] = {}
  ) => {
    const named = query as unknown as Query.Select<Row, Expr.Param<"named", never>, S>
    const rows = await run(Database.all(named, parameters as { readonly named: never }))
    const meant = meaning(query, parameters)
    if (!inClasses(rows, meant)) expect(rows).toEqual(meant.flat())
    return rows
  }

  return {
    run,
    fill,
    agrees,
    all: <Row, S extends string>(query: Query.Select<Row, never, S>) => run(Database.all(query)),
    /** The typed failure of an effect. */
    failure: async <A, E>(effect: Effect.Effect<A, E, Database>): Promise<E> =>
      errorOf(await run(Effect.exit(effect))),
    /** The statements sent while an effect ran, failing or not. */
    sentBy: async <A, E>(effect: Effect.Effect<A, E, Database>) => {
      const texts: Array<string> = []
      await run(
        Effect.exit(
          Effect.provideService(effect, Database.Tap, (event) => {
            texts.push(event.text)
          })
        )
      )
      return texts
    }
  }
}

type Compilable = Parameters<typeof compile>[0]

export const dialects = ["sqlite", "postgres", "mysql", "mariadb"] as const

/** The text of a statement as one dialect says it; fails where it is refused. */
export const textOf = (statement: Compilable, dialect: DialectName | Capabilities): string => {
  const compiled = compile(statement, dialect, { verify: true })
  if (compiled._tag === "Refusal")
    throw new Error(`${compiled.dialect} refuses ${compiled.construct}: ${compiled.capability}`)
  return compiled.text
}

/** The refusal of a statement on a dialect. */
export const refusalOf = (statement: Compilable, dialect: DialectName | Capabilities): Refusal => {
  const compiled = compile(statement, dialect)
  if (compiled._tag === "Compiled") throw new Error(`${compiled.dialect} says ${compiled.text}`)
  return compiled
}

/** The texts of a statement on the four dialects, in one literal. */
export const expectSql = (
  statement: Compilable,
  texts: Readonly<Record<(typeof dialects)[number], string>>
): void => {
  const printed = Object.fromEntries(dialects.map((one) => [one, textOf(statement, one)]))
  expect(printed).toEqual(texts)
}
