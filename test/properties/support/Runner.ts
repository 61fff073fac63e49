import type { Command } from "../../../src/algebra/Command.ts"
import type { DialectName, Refusal } from "../../../src/algebra/Dialect.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import type { TableSource } from "../../../src/algebra/Source.ts"
import { capabilities } from "../../../src/compile/capabilities.ts"
import { settled } from "../../../src/compile/counting.ts"
import { StatementCache } from "../../../src/compile/StatementCache.ts"
import type { Compiled } from "../../../src/compile/Compiled.ts"
import type { Database, TableRow } from "../../oracle/Meaning.ts"
import { inward, type Value } from "../../oracle/Value.ts"
import { fill } from "./fill.ts"
import { quotedName, tables } from "./tables.ts"

/** What a server gave, or the compiler's typed refusal. */
export type Given =
  | { readonly _tag: "Rows"; readonly rows: ReadonlyArray<unknown>; readonly matched: number }
  | Refusal

/** A connection to one database by its raw driver: nothing of ours between but the compiler. */
export interface Connection {
  readonly dialect: DialectName
  /** Runs statements that give nothing. */
  readonly script: (text: string) => Promise<void>
  /** Positional values, with the number of rows touched where it gives none. */
  readonly send: (
    text: string,
    parameters: ReadonlyArray<unknown>,
    exact: boolean
  ) => Promise<{
    readonly rows: ReadonlyArray<ReadonlyArray<unknown>>
    readonly matched: number
    /** What the server says beside the number. */
    readonly said?: string
  }>
  readonly close: () => Promise<void>
}

type Parameters = Readonly<Record<string, unknown>>

const caches = new Map<DialectName, StatementCache>()

/** One cache a dialect, as a program has it: statements of one key share one text. */
const cacheOf = (dialect: DialectName): StatementCache => {
  let cache = caches.get(dialect)
  if (cache === undefined)
    caches.set(dialect, (cache = StatementCache.make(capabilities(dialect), {}, { verify: true })))
  return cache
}

/** The compiled statement for a connection's server; it throws where it means nothing. */
export const compiledFor = (node: Relation | Command, dialect: DialectName): Compiled | Refusal => {
  const found = cacheOf(dialect).get(node)
  return found._tag === "Lookup" ? found.compiled : found
}

/** Compiles, fills, sends and decodes one statement. */
export const give = async (
  connection: Connection,
  node: Relation | Command,
  parameters: Parameters
): Promise<Given> => {
  const compiled = compiledFor(node, connection.dialect)
  if (compiled._tag === "Refusal") return compiled
  const { matched, rows, said } = await connection.send(
    compiled.text,
    fill(compiled, node, parameters),
    compiled.bigints
  )
  const answer = settled(compiled.counting, { rows, affected: matched, tag: said ?? "" })
  const { decode } = compiled
  return {
    _tag: "Rows",
    matched: answer.affected,
    rows: decode === null ? [] : answer.rows.map(decode)
  }
}

const literal = (value: Value, dialect: DialectName): string => {
  if (value === null) return "null"
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`
  if (typeof value === "boolean") return dialect === "postgres" ? String(value) : value ? "1" : "0"
  return String(value)
}

const fillTable = (
  table: TableSource,
  rows: ReadonlyArray<TableRow>,
  dialect: DialectName
): string => {
  const name = quotedName(table.name, dialect)
  if (rows.length === 0) return `delete from ${name};`
  const tuples = rows.map(
    (row) => `(${table.columns.map(({ key }) => literal(row[key]!, dialect)).join()})`
  )
  return `delete from ${name}; insert into ${name} values ${tuples.join()};`
}

/** Makes a database hold exactly these rows. */
export const seed = (connection: Connection, database: Database): Promise<void> =>
  connection.script(
    tables.map((table) => fillTable(table, database.get(table)!, connection.dialect)).join("\n")
  )

/** The rows of a table as they are, read apart from the compiler. */
export const readTable = async (
  connection: Connection,
  table: TableSource
): Promise<ReadonlyArray<TableRow>> => {
  const { dialect } = connection
  const names = table.columns.map(({ name }) => quotedName(name, dialect)).join()
  const { rows } = await connection.send(
    `select ${names} from ${quotedName(table.name, dialect)}`,
    [],
    true
  )
  return rows.map((row) =>
    Object.fromEntries(
      table.columns.map(({ key, type }, i) => {
        const raw = row[i]
        return [key, raw === null ? null : inward(type.codec.row[dialect].decode(raw), type)]
      })
    )
  )
}
