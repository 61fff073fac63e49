import * as Effect from "effect/Effect"
import { absent, projection } from "../../algebra/block.ts"
import type { Command } from "../../algebra/Command.ts"
import type { DialectName } from "../../algebra/Dialect.ts"
import type { Relation } from "../../algebra/Relation.ts"
import type { RowShape } from "../../algebra/RowShape.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import { isDdl, type StatementNode } from "../../algebra/Statement.ts"
import { facts } from "../../compile/survey.ts"
import type { Compiled } from "../../compile/Compiled.ts"
import { isCommand } from "../../compile/phases/place.ts"
import { misplaced } from "../../compile/textColumns.ts"
import type { DatabaseError } from "../DatabaseError.ts"
import { type Engine, onKnown } from "../Engine.ts"
import type { EngineKey } from "../Execution.ts"
import { namesIn, rowsByHand } from "../statements/rowsProof.ts"
import { unsupported } from "../statements/statementRefused.ts"
import { describeThrough } from "../statements/send.ts"
import { type Certainty, declaredType, isReadable } from "../statements/serverTypes.ts"
import type { Level } from "../transactions/Level.ts"

/**
 * A column of a statement's rows: what the statement declares, what the server tells.
 *
 * @category models
 */
export interface DescribedColumn {
  /** Its place in the row: `author.name`; empty where the row is one value. */
  readonly path: string
  /** The type, as the dialect spells it. */
  readonly declared: string
  /** The server's name of the type; null where it does not tell. */
  readonly server: string | null
  /** Whether the server's column may be NULL; null where it does not tell. */
  readonly nullable: boolean | null
}

/**
 * Where a statement and a live database disagree.
 *
 * **Shape** `Missing` and `Extra` columns of SQL by hand; a `Type` that is not read as declared; a
 * column that may be NULL where none was declared.
 *
 * @category models
 */
export interface Mismatch {
  readonly _tag: "Missing" | "Extra" | "Type" | "Nullability"
  readonly column: string
  readonly message: string
}

/**
 * What a live database says of a statement it did not run.
 *
 * @category models
 */
export interface Description {
  readonly dialect: DialectName
  readonly text: string
  /** The server's type of each parameter; null where it does not tell. */
  readonly parameters: ReadonlyArray<string | null>
  readonly columns: ReadonlyArray<DescribedColumn>
  readonly mismatches: ReadonlyArray<Mismatch>
}

/** A field of the result as it is declared. */
interface Declared {
  readonly path: string
  readonly field: Scalar
  readonly certainty: Certainty
  /** Declared as never NULL, and the server can be asked. */
  readonly isPresent: boolean
}

const certaintyOf = (field: Scalar): Certainty => {
  if (field._tag === "Ref") return field.source._tag === "TableSource" ? "column" : "derived"
  return field._tag === "Raw" || field._tag === "CustomScalar" ? "written" : "derived"
}

const isWritten = (node: StatementNode): boolean => node._tag === "CustomRelation" && node.replaces

const pathsOf = (shape: RowShape): ReadonlyMap<number, string> => {
  const paths = new Map<number, string>()
  const todo: Array<readonly [shape: RowShape, path: string]> = [[shape, ""]]
  while (todo.length > 0) {
    const [one, path] = todo.pop()!
    if (one._tag === "Cell") paths.set(one.index, path)
    else
      one.keys.forEach((key, i) => {
        todo.push([one.parts[i]!, path === "" ? key : `${path}.${key}`])
      })
  }
  return paths
}

/** One SELECT over joins: what is not absent there is as its table has it. */
const isPlain = (node: Relation): boolean => {
  let at = node
  while (
    at._tag === "Order" ||
    at._tag === "Slice" ||
    at._tag === "DistinctOn" ||
    at._tag === "Project" ||
    at._tag === "Filter"
  )
    at = at.self
  return (at._tag === "Table" || at._tag === "Join") && !facts(node).inner.some(isOverRows)
}

/** MariaDB takes every column of a query with a window for one that may be NULL. */
const isOverRows = (node: Relation | Command | Scalar): boolean =>
  node._tag === "Window" || node._tag === "DistinctOn" || (node._tag === "Slice" && node.ties)

const nobody: ReadonlySet<string> = new Set()

/** The fields of a statement's rows in order; null for one that says whether a row is there. */
const declaredBy = (node: StatementNode): ReadonlyArray<Declared | null> => {
  if (isDdl(node)) return []
  const isRead = !isCommand(node)
  const row = isRead ? projection(node) : node
  if (row === null || row.shape === null) return []
  const fields = "fields" in row ? row.fields : row.returned
  const paths = pathsOf(row.shape)
  const missing = isRead ? absent(node) : nobody
  const isKnown = !isRead || isPlain(node)
  return fields.map((field, i) => {
    const path = paths.get(i)
    if (path === undefined) return null
    const column =
      field._tag === "Ref" && field.source._tag === "TableSource" && !missing.has(field.alias)
        ? field.source.byKey.get(field.path[0]!)
        : undefined
    const certainty = isWritten(node) ? "written" : isKnown ? certaintyOf(field) : "derived"
    return { path, field, certainty, isPresent: isKnown && column?.nullable === false }
  })
}

type Row = ReadonlyArray<unknown>
const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null)

/** Compares what a statement declares with the rows `Connection.describe` gave. */
const describedAs = (
  node: StatementNode,
  { byHand, dialect, kind, text }: Compiled,
  rows: ReadonlyArray<Row>
): Description => {
  const found = rows.filter(([what]) => what === "column")
  const declared = declaredBy(node)
  const columns = declared.flatMap((one, i): ReadonlyArray<DescribedColumn> => {
    const [, , server = null, nullable = null] = found[i] ?? []
    return one === null
      ? []
      : [
          {
            path: one.path,
            declared: declaredType(dialect, one.field.type.sql),
            server: textOf(server),
            nullable: typeof nullable === "boolean" ? nullable : null
          }
        ]
  })
  return {
    dialect,
    text,
    parameters: rows.filter(([what]) => what === "parameter").map(([, , type]) => textOf(type)),
    columns,
    mismatches: [
      ...(byHand === null || kind !== "query"
        ? []
        : misnamed(byHand, isWritten(node), namesIn({ rows }))),
      ...declared.flatMap((one, i) => (one === null ? [] : mistyped(one, found[i], dialect)))
    ]
  }
}

const mismatch = (_tag: Mismatch["_tag"], column: string, message: string): Mismatch => ({
  _tag,
  column,
  message: `${column === "" ? "the value" : `"${column}"`} ${message}`
})

/**
 * Only a text written by hand can give other columns than it declares. Those of a text that stands
 * alone are asked for by name where it is read from.
 */
const misnamed = (
  declared: ReadonlyArray<string>,
  isAlone: boolean,
  given: ReadonlyArray<string | null>
): ReadonlyArray<Mismatch> => {
  const moved = new Map(misplaced(declared, given).map((one) => [one.at, one.given]))
  return [
    ...declared.flatMap((name, at): ReadonlyArray<Mismatch> => {
      const other = moved.get(at)
      const place = `is column ${at + 1} of the declaration`
      if (other !== undefined)
        return [mismatch("Missing", name, `${place}, where the text gives "${other}"`)]
      const isThere = isAlone ? given[at]?.toLowerCase() === name.toLowerCase() : at < given.length
      return isThere ? [] : [mismatch("Missing", name, `${place}, not of the text`)]
    }),
    ...given
      .slice(declared.length)
      .map((name) =>
        mismatch("Extra", String(name), "is a column of the text, not of the declaration")
      )
  ]
}

const mistyped = (
  { certainty, field, isPresent, path }: Declared,
  found: Row | undefined,
  dialect: DialectName
): ReadonlyArray<Mismatch> => {
  const [, , server = null, nullable = null] = found ?? []
  const { sql } = field.type
  const out: Array<Mismatch> = []
  if (typeof server === "string" && !isReadable(dialect, sql, server, certainty))
    out.push(
      mismatch("Type", path, `is declared ${declaredType(dialect, sql)} and is ${server} there`)
    )
  if (isPresent && nullable === true)
    out.push(mismatch("Nullability", path, "is declared NOT NULL and may be NULL there"))
  return out
}

/** Has the server describe a statement, in the transaction that is open if one is. */
export const description = (
  service: EngineKey,
  node: StatementNode
): Effect.Effect<Description, DatabaseError> =>
  onKnown(service, (engine) =>
    Effect.withFiber((fiber) => {
      const level = fiber.getRef(engine.current)
      const rows = rowsByHand(node)
      const told = described(engine, level, node)
      if (rows === null) return told
      // What an insert takes by position no server tells of the insert.
      return Effect.zipWith(told, described(engine, level, rows), (whole, { mismatches }) => ({
        ...whole,
        mismatches: [...mismatches, ...whole.mismatches]
      }))
    })
  )

const described = (
  engine: Engine,
  level: Level | null,
  node: StatementNode
): Effect.Effect<Description, DatabaseError> => {
  const prepared = engine.statements.get(node)
  if (prepared._tag === "Refusal") return Effect.fail(unsupported(prepared))
  const { compiled } = prepared
  const site = {
    operation: compiled.kind,
    table: compiled.writes[0] ?? compiled.reads[0] ?? null,
    inTransaction: level !== null
  }
  const asked = describeThrough(engine, level ?? engine.gate, compiled.text, site)
  return Effect.map(asked, ({ rows }) => describedAs(node, compiled, rows))
}
