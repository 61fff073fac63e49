import * as Effect from "effect/Effect"
import type { Relation } from "../../algebra/Relation.ts"
import { isDdl, type StatementNode } from "../../algebra/Statement.ts"
import type { TableSource } from "../../algebra/Source.ts"
import type { Compiled, TextWithin } from "../../compile/Compiled.ts"
import { readable } from "../../compile/compileStatement.ts"
import { givenTwice, misplaced, textByPosition } from "../../compile/textColumns.ts"
import { type DatabaseError, DecodeFailed } from "../DatabaseError.ts"
import type { Result, Site } from "../Driver.ts"
import type { Engine } from "../Engine.ts"
import type { Gate } from "../pool/Gate.ts"
import type { Level } from "../transactions/Level.ts"
import { describeThrough } from "./send.ts"

const proven = new WeakSet<Compiled>()

/** A text that is asked for its columns, and what is wrong with those it gives. */
interface Asked {
  readonly text: string
  readonly refused: (given: ReadonlyArray<string | null>) => Refused | null
}

/** Whether there may be something to ask: most statements are built, and sent at once. */
export const mayBeWrong = ({ byHand, kind, within }: Compiled): boolean =>
  byHand !== null || within.length > 0 || kind === "ddl"

/**
 * SQL by hand is asked what it gives before it first runs: a command that gives no rows must not
 * run where rows are declared, and look like a query that found none; and a column read by position
 * must not be another that is declared.
 *
 * **Shape** null for what is built, and for a text that is proven. A round trip once a text. Of an
 * insert the query its rows come from is asked, of a view the query it is made of; on SQLite also
 * each text inside of a statement, for a name that it gives twice.
 * **Errors** `DecodeFailed` for a text without rows, with other columns than are declared, or in
 * another order: none of them has run. Else as describing gives.
 */
export const rowsProof = (
  engine: Engine,
  level: Level | null,
  compiled: Compiled,
  node: StatementNode,
  gate: Gate = level ?? engine.gate
): Effect.Effect<void, DatabaseError> | null => {
  if (!mayBeWrong(compiled) || proven.has(compiled)) return null
  if (isDdl(node)) return node._tag === "CreateView" ? viewProof(engine, level, node.table) : null
  const asked = [
    ...alone(engine, compiled.byHand, textOf(engine, compiled, node)),
    ...compiled.within.map(within)
  ]
  const proof = proofOf(engine, gate, { ...site, inTransaction: level !== null }, asked)
  return proof === null ? null : Effect.tap(proof, () => Effect.sync(() => proven.add(compiled)))
}

/**
 * A view, or a table, that is made of SQL by hand takes its columns by position.
 *
 * **Errors** as of the query.
 */
export const viewProof = (
  engine: Engine,
  level: Level | null,
  { definition }: TableSource
): Effect.Effect<void, DatabaseError> | null => {
  if (definition === null) return null
  const { query } = definition
  const found = engine.statements.get(query)
  if (found._tag === "Refusal" || !mayBeWrong(found.compiled)) return null
  const { capabilities, compiling, options } = engine
  const { schemas = {} } = options
  // With its values in it, as it is kept: a parameter may have no type of its own.
  const said = readable({ node: query }, capabilities, { ...compiling, schemas })
  const { byHand, within: others } = found.compiled
  const asked = [
    ...alone(engine, byHand, said._tag === "Refusal" ? null : said.text),
    ...others.map(within)
  ]
  const where: Site = { ...site, operation: "ddl", inTransaction: level !== null }
  return proofOf(engine, level ?? engine.gate, where, asked)
}

const site: Site = { operation: "query", table: null, inTransaction: false }

const proofOf = (
  engine: Engine,
  gate: Gate,
  where: Site,
  asked: ReadonlyArray<Asked>
): Effect.Effect<void, DatabaseError> | null =>
  asked.length === 0 || engine.driver.describes === false
    ? null
    : Effect.forEach(
        asked,
        ({ refused, text }) =>
          Effect.flatMap(describeThrough(engine, gate, text, where), (result) => {
            const wrong = refused(namesIn(result))
            return wrong === null ? Effect.void : Effect.fail(failed(engine, wrong))
          }),
        { discard: true }
      )

/** A text whose columns are taken by position; none where it cannot be said alone. */
const alone = (
  { dialect }: Engine,
  declared: Compiled["byHand"],
  text: string | null
): ReadonlyArray<Asked> => {
  if (declared === null || text === null) return []
  // MariaDB 10.11 prepares INSERT and DELETE with RETURNING as what gives no columns.
  const isUntold = dialect === "mariadb" && /\breturning\b/i.test(text)
  return [{ text, refused: (given) => refusal(declared, given, isUntold) }]
}

/** A text whose columns go by their names. */
const within = ({ declared, text }: TextWithin): Asked => ({
  text,
  refused: (given) => {
    const twice = givenTwice(declared, given)
    return twice === null
      ? null
      : {
          says: `two columns "${twice}", and one is declared`,
          path: twice,
          expected: `one column "${twice}"`
        }
  }
})

/** The text by hand; null where it cannot be said alone, nor then the statement it is in. */
const textOf = (engine: Engine, compiled: Compiled, node: StatementNode): string | null => {
  if (compiled.kind === "query") return compiled.text
  const rows = rowsByHand(node)
  if (rows === null) return null
  const prepared = engine.statements.get(rows)
  return prepared._tag === "Refusal" ? null : prepared.compiled.text
}

/** The query an insert takes its rows from, by position. */
export const rowsByHand = (node: StatementNode): Relation | null =>
  !isDdl(node) && node._tag === "Insert" && textByPosition(node) !== null ? node.rows : null

/** The columns `Connection.describe` tells of. */
export const namesIn = ({ rows }: Pick<Result, "rows">): ReadonlyArray<string | null> =>
  rows.flatMap(([what, name]) =>
    what === "column" ? [typeof name === "string" ? name : null] : []
  )

interface Refused {
  readonly says: string
  readonly path: string
  readonly expected: string
}

const refusal = (
  declared: ReadonlyArray<string>,
  given: ReadonlyArray<string | null>,
  isUntold: boolean
): Refused | null => {
  const [first] = misplaced(declared, given)
  if (given.length === 0)
    return {
      says: isUntold
        ? "rows by RETURNING, of which MariaDB tells no columns before: build the command"
        : "no rows where rows are declared",
      path: "",
      expected: "a statement that gives rows"
    }
  if (first !== undefined)
    return {
      says: `"${first.given}" as column ${first.at + 1}, where "${first.declared}" is declared`,
      path: first.declared,
      expected: `"${first.declared}" as column ${first.at + 1}`
    }
  return given.length === declared.length
    ? null
    : {
        says: `${columns(given.length)}, where ${declared.length} are declared`,
        path: "",
        expected: columns(declared.length)
      }
}

const columns = (count: number): string => `${count} ${count === 1 ? "column" : "columns"}`

const failed = ({ dialect }: Engine, { expected, path, says }: Refused): DecodeFailed =>
  new DecodeFailed({
    message: `the SQL by hand gives ${says}: it was not run`,
    dialect,
    operation: "decode",
    retryable: false,
    transaction: "alive",
    path,
    expected
  })
