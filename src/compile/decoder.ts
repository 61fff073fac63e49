import type { RowCodec } from "../algebra/Codec.ts"
import { ValueRefused } from "../algebra/Codec.ts"
import type { DialectName } from "../algebra/Dialect.ts"
import { canCompile, define, isAssignable } from "../algebra/recordMaker.ts"
import { onReadOf, type RowShape } from "../algebra/RowShape.ts"
import type { AnyType } from "../algebra/Type.ts"
import type { Decode } from "./Compiled.ts"
import { refuseCell } from "./DecodeRefused.ts"
import { type Cell, generateDecoder, isAbsent, isTuple, memberMaker } from "./generateDecoder.ts"

type Cells = ReadonlyArray<Cell>

/**
 * The decoder of a statement's rows: positional, as code of its own or as a chain of closures.
 *
 * **Laws** own keys only, `__proto__` included; an absent outer record is null; the compiled and
 * the interpreted decoder agree.
 * **Errors** `DecodeRefused` with the path of the cell.
 */
export const makeDecoder = (
  shape: RowShape,
  types: ReadonlyArray<AnyType>,
  dialect: DialectName,
  bigints: boolean,
  compiled: boolean
): Decode<unknown> => {
  const cells = types.map((type) => cellOf(type, type.codec.row[dialect], bigints))
  return compiled ? generateDecoder(shape, cells, explain) : interpret(shape, cells)
}

/** How many rows are read before code made for them costs less than it saves. */
const interpretedRows = 100

/**
 * A decoder that interprets its first rows, and tells whoever holds it when it is compiled: many
 * statements read a row or two and are never asked again.
 *
 * **Laws** it is `make(true)` and `make(false)`, which agree.
 */
export const risingDecoder = (
  make: (compiled: boolean) => Decode<unknown>,
  settle: (decode: Decode<unknown>) => void
): Decode<unknown> => {
  const interpreted = make(false)
  if (!canCompile) return interpreted
  let compiled: Decode<unknown> | null = null
  let rows = 0
  return (row) => {
    if (compiled === null) {
      rows++
      if (rows <= interpretedRows) return interpreted(row)
      settle((compiled = make(true)))
    }
    return compiled(row)
  }
}

/**
 * A driver asked for exact 64-bit integers gives every integer as a bigint; those of smaller types
 * become numbers again before their codec sees them.
 */
const cellOf = (type: AnyType, codec: RowCodec<unknown>, bigints: boolean): Cell => {
  const identity = codec.identity === true
  if (!bigints || type.sql._tag === "Bigint" || type.sql._tag === "Numeric")
    return { decode: codec.decode, identity }
  const { decode } = codec
  return {
    decode: (raw) => decode(typeof raw === "bigint" ? Number(raw) : raw),
    identity: identity && isTextual(type)
  }
}

const isTextual = (type: AnyType): boolean =>
  type.sql._tag === "Text" ||
  type.sql._tag === "Varchar" ||
  type.sql._tag === "Enum" ||
  type.sql._tag === "Bytes" ||
  type.sql._tag === "Uuid"

/** The same decoder as a chain of closures. */
const interpret = (shape: RowShape, cells: Cells): Decode<unknown> => {
  const build = builder(shape, cells, "")
  return (row) => build(row)
}

const builder = (
  shape: RowShape,
  cells: Cells,
  path: string
): ((row: ReadonlyArray<unknown>) => unknown) => {
  if (shape._tag === "Cell") {
    const cell = cells[shape.index]!
    const { index } = shape
    return (row) => read(cell, row[index], path)
  }
  const { keys, presence, prototype } = shape
  const parts = shape.parts.map((part, i) =>
    builder(part, cells, path === "" ? keys[i]! : `${path}.${keys[i]}`)
  )
  const flag = presence === null ? null : cells[presence]!
  if (shape.members != null) {
    const make = memberMaker(shape.members)
    return (row) =>
      flag !== null && isAbsent(read(flag, row[presence!], path))
        ? null
        : asked(
            make,
            parts.map((part) => part(row)),
            path
          )
  }
  const isList = isTuple(shape)
  const onRead = prototype === null || isList ? null : onReadOf(prototype)
  const assigned = keys.map((key) => isAssignable(key, prototype ?? Object.prototype))
  return (row) => {
    if (flag !== null && isAbsent(read(flag, row[presence!], path))) return null
    if (isList) return parts.map((part) => part(row))
    const record: Record<string, unknown> = prototype === null ? {} : Object.create(prototype)
    for (let i = 0; i < keys.length; i++) {
      const value = parts[i]!(row)
      if (assigned[i]!) record[keys[i]!] = value
      else define(record, keys[i]!, value)
    }
    if (onRead !== null) asked(onRead, record, path)
    return prototype === null ? record : Object.freeze(record)
  }
}

/** Asks the class of a record; what it refuses is a cell of it. */
const asked = <A, B>(ask: (record: A) => B, record: A, path: string): B => {
  try {
    return ask(record)
  } catch (cause) {
    if (!(cause instanceof ValueRefused)) throw cause
    const name = cause.ruled?.below ?? ""
    return refuseCell(path === "" ? name : `${path}.${name}`, cause.expected)
  }
}

const read = (cell: Cell, raw: unknown, path: string): unknown => {
  if (raw === null || cell.identity) return raw
  try {
    return cell.decode(raw)
  } catch (cause) {
    return refuseCell(
      path,
      cause instanceof ValueRefused ? cause.expected : "a value its codec reads"
    )
  }
}

/** Decodes a row the compiled decoder failed on once more, to say which cell it was. */
const explain = (shape: RowShape, cells: Cells, row: ReadonlyArray<unknown>): unknown =>
  interpret(shape, cells)(row)
