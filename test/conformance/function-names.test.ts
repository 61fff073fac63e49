import { Database, Expr, Query, StatementError, Type, unsafeSql } from "athanor"
import { compile } from "athanor/compile"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { dialectNames } from "../../src/algebra/Dialect.ts"
import { noFunctions } from "../../src/algebra/noFunctions.ts"
import { reserved } from "../../src/compile/reserved.ts"
import { type EngineName, engines, refusalOf, useDatabase } from "./support.ts"

const word = Expr.value("a", Type.text)
const calls = (name: string) =>
  [[], [word], [word, word], [word, word, word]].map(
    (args) => () => Query.select(Expr.call(name, Type.text, ...args))
  )

/** Where a server lists the words it knows; SQLite has no such list. */
const listed: Readonly<Record<EngineName, string | null>> = {
  sqlite: null,
  postgres: "select word from pg_get_keywords()",
  mariadb: "select lower(word) as word from information_schema.keywords"
}

test("a word of every grammar is no function's name", () => {
  const every = [...noFunctions.sqlite].filter((one) =>
    dialectNames.every((dialect) => noFunctions[dialect].has(one))
  )
  expect(every.length).toBeGreaterThan(20)
  for (const one of every) {
    expect(calls(one)[1]!, one).toThrow(StatementError)
    expect(calls(one.toUpperCase())[1]!, one).toThrow(/word of SQL's own/)
  }
  expect(calls("athanor")[1]!).not.toThrow()
})

test("a word of one grammar is refused there, by its name, and called elsewhere", () => {
  const call = calls("overlay")[2]!()
  expect(compile(call, "sqlite")._tag).toBe("Compiled")
  expect(refusalOf(calls("position")[2]!(), "postgres")).toMatchObject({
    construct: expect.any(String)
  })
  expect(compile(calls("position")[2]!(), "sqlite")._tag).toBe("Compiled")
  // A name with its schema is a name.
  expect(compile(Query.select(Expr.call("app.select", Type.text)), "postgres")._tag).toBe(
    "Compiled"
  )
})

describe.each(engines)("names of functions on %s", (engine) => {
  const { run } = useDatabase(engine, {})

  test("no word makes a text the server cannot read", async () => {
    const query = listed[engine]
    const known =
      query === null
        ? []
        : await run(Database.all(Query.raw({ word: Type.text })(unsafeSql(query))))
    const words = new Set([
      ...reserved,
      ...known.map((one) => one.word ?? ""),
      ...noFunctions[engine]
    ])
    // Some functions are of the grammar: with another number of arguments they are no calls.
    const reads = async (make: () => ReturnType<ReturnType<typeof calls>[number]>) => {
      const said = await run(Effect.result(Database.all(make())))
      return !(
        said._tag === "Failure" &&
        said.failure._tag === "SyntaxOrUndefined" &&
        said.failure.kind === "syntax"
      )
    }
    const sayable = (make: () => { readonly node: never }): boolean => {
      try {
        return compile(make(), engine)._tag === "Compiled"
      } catch {
        return false
      }
    }
    const unread: Array<string> = []
    for (const one of words) {
      const said = calls(one).filter((make) => sayable(make as never))
      if (!/^[a-z_]+$/.test(one) || said.length === 0) continue
      let isRead = false
      for (const make of said) isRead ||= await reads(make)
      if (!isRead) unread.push(one)
    }
    expect(unread).toEqual([])
  })
})
