import { parse } from "../../../src/effects/DatabaseUrl.ts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Capabilities } from "../../../src/algebra/Dialect.ts"
import type { Bound } from "../../../src/algebra/Scalar.ts"
import type { Statement, StatementNode } from "../../../src/algebra/Statement.ts"
import type { Compiled, Slot } from "../../../src/compile/Compiled.ts"
import { Database } from "../../../src/effects/Database.ts"
import type { OpenError } from "../../../src/effects/DatabaseError.ts"
import type { Driver } from "../../../src/effects/Driver.ts"
import type { Statements } from "../../../src/effects/FirstConnect.ts"
import { mysqlDriver } from "../../../src/effects/drivers/mysql.ts"
import { postgresDriver } from "../../../src/effects/drivers/postgres.ts"
import { sqliteDriver } from "../../../src/effects/drivers/sqlite.ts"
import { open, type OpenSettings } from "../../../src/effects/open.ts"
import { serverOptionsOf } from "../../../src/effects/url.ts"

/** The databases every test of this folder runs on. */
export type Name = "sqlite" | "postgres" | "mariadb"
export const names: ReadonlyArray<Name> = ["sqlite", "postgres", "mariadb"]

interface Handmade {
  readonly _tag: "CustomRelation"
  readonly kind: Compiled["kind"]
  readonly text: string
  readonly values: ReadonlyArray<unknown>
  readonly table: string | null
  readonly ctes: ReadonlyArray<never>
}

/**
 * A statement written by hand: what runs is independent of what compiles. `?` is the placeholder on
 * every database; rows come back as arrays of raw values.
 */
export const sql = (
  text: string,
  ...values: ReadonlyArray<unknown>
): Statement<ReadonlyArray<unknown>> => {
  const kind = kindOf(text)
  const table = /(?:into|update|from|table)\s+(\w+)/i.exec(text)?.[1] ?? null
  const node: Handmade = { _tag: "CustomRelation", kind, text, values, table, ctes: [] }
  return { node: node as unknown as StatementNode }
}

const kindOf = (text: string): Compiled["kind"] => {
  const word = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase()
  return word === "insert" || word === "update" || word === "delete"
    ? word
    : word === "create" || word === "drop"
      ? "ddl"
      : "query"
}

/** Answers with what was written by hand. */
export const handmade = (capabilities: Capabilities): Statements => ({
  made: () => null,
  get: (node) => {
    const { kind, table, text, values } = node as unknown as Handmade
    let at = 0
    const isCommand = kind !== "query" && !/returning/i.test(text)
    const compiled: Compiled = {
      _tag: "Compiled",
      dialect: capabilities.dialect,
      text: capabilities.dialect === "postgres" ? text.replace(/\?/g, () => `$${++at}`) : text,
      slots: values.map((_, index): Slot => ({
        _tag: "Bound",
        index,
        path: `value ${index}`,
        encode: (value) => value
      })),
      decode: isCommand ? null : (row) => row,
      bigints: false,
      counting: "matched",
      kind,
      reads: kind === "query" && table !== null ? [table] : [],
      writes: kind !== "query" && table !== null ? [table] : [],
      names: [],
      agree: [],
      rowKey: null,
      fixed: [],
      warnings: [],
      byHand: null,
      within: [],
      schemas: []
    }
    return { _tag: "Lookup", compiled, binds: values.map((value) => ({ value }) as Bound) }
  }
})

/** The driver for a database's address; `:memory:` or a file for SQLite. */
const addressOf = (url: string, port: number, settings: OpenSettings) =>
  Effect.flatMap(parse(url), (read) => serverOptionsOf(read, port, settings))

export const driverFor = (
  name: Name,
  url: string,
  settings: OpenSettings = {}
): Effect.Effect<Driver, OpenError> => {
  switch (name) {
    case "sqlite":
      return sqliteDriver({ file: url })
    case "postgres":
      return Effect.flatMap(addressOf(url, 5432, settings), postgresDriver)
    case "mariadb":
      return Effect.flatMap(addressOf(url, 3306, settings), mysqlDriver)
  }
}

/** `Database` on an address, with statements written by hand. */
export const layerFor = (
  name: Name,
  url: string,
  settings: OpenSettings = {}
): Layer.Layer<Database, OpenError> =>
  Layer.effect(Database, open(driverFor(name, url, settings), settings, handmade))
