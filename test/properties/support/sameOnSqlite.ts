import type * as fc from "fast-check"
import type { Relation } from "../../../src/algebra/Relation.ts"
import type { Database } from "../../oracle/Meaning.ts"
import { answer } from "../../oracle/query.ts"
import { outside } from "../../oracle/Value.ts"
import { inClasses, sameBag } from "./canonical.ts"
import { sqlite } from "./connections.ts"
import type { Home } from "./context.ts"
import { mismatch } from "./explain.ts"
import { upheldOn } from "./law.ts"
import { type Connection, give, seed } from "./Runner.ts"
import { isUnasked } from "./unasked.ts"
import { worldOf } from "./statements.ts"

interface OnDatabase {
  readonly database: Database
  readonly home: Home
}

const given = async (
  connection: Connection,
  query: Relation,
  { home }: OnDatabase
): Promise<ReadonlyArray<unknown> | null> => {
  const answered = await give(connection, query, home.parameters).catch((error: unknown) =>
    error instanceof Error && isUnasked(error)
      ? outside("an error of a value that nothing asks for")
      : Promise.reject(error)
  )
  return answered._tag === "Refusal" ? null : answered.rows
}

type Sides<A> = (one: A) => readonly [Relation, Relation]

/** Both sides of an equation give one bag on SQLite. */
export const onSqlite = <A extends OnDatabase>(cases: fc.Arbitrary<A>, sides: Sides<A>) =>
  onServer(cases, sides, async () => sqlite(), 500)

/** Both sides of an equation give one bag on a server. */
export const onServer = async <A extends OnDatabase>(
  cases: fc.Arbitrary<A>,
  sides: Sides<A>,
  open: () => Promise<Connection>,
  ordinary: number
): Promise<void> => {
  const connection = await open()
  await upheldOn(
    cases,
    async (one) => {
      const [a, b] = sides(one)
      // Where the meaning is undefined, so is the server's answer.
      answer(a, worldOf(one.database, one.home.parameters))
      await seed(connection, one.database)
      const left = await given(connection, a, one)
      const right = await given(connection, b, one)
      return left === null || right === null || sameBag(left, right)
    },
    ordinary
  )
  await connection.close()
}

/** A query gives the rows of its meaning on SQLite, in the promised order. */
export const onSqliteInOrder = async <A extends OnDatabase>(
  cases: fc.Arbitrary<A>,
  query: (one: A) => Relation
): Promise<void> => {
  const connection = sqlite()
  await upheldOn(
    cases,
    async (one) => {
      const classes = answer(query(one), worldOf(one.database, one.home.parameters))
      await seed(connection, one.database)
      const rows = await given(connection, query(one), one)
      if (rows === null || inClasses(rows, classes)) return true
      const { database, home } = one
      const told = { _tag: "Rows", rows, matched: 0 } as const
      throw mismatch(connection, query(one), home.parameters, database, classes.flat(), told)
    },
    500
  )
  await connection.close()
}

/** A query gives on SQLite the rows another one means. */
export const onSqliteAs = async <A extends OnDatabase>(
  cases: fc.Arbitrary<A>,
  asked: (one: A) => Relation,
  meant: (one: A) => Relation
): Promise<void> => {
  const connection = sqlite()
  await upheldOn(
    cases,
    async (one) => {
      const expected = answer(meant(one), worldOf(one.database, one.home.parameters)).flat()
      await seed(connection, one.database)
      const rows = await given(connection, asked(one), one)
      return rows === null || sameBag(rows, expected)
    },
    500
  )
  await connection.close()
}
