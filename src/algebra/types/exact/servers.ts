import type * as BigDecimal from "effect/BigDecimal"
import type { Type } from "../../Type.ts"
import { integerCodec } from "../integers.ts"
import { numericCodec } from "../decimals.ts"
import { makeCodec, refused } from "../make.ts"
import { textCodec, uuidCodec } from "../text.ts"
import { exactType } from "./make.ts"

/**
 * An amount of money in the server's currency, as `BigDecimal` with two digits after the point.
 *
 * **Shape** goes by `numeric`, so that no locale of the server spells it.
 * **SQL** postgres: money; `Unsupported` elsewhere, where it is `Type.numeric`.
 * **Errors** `EncodeFailed` for an amount of more than 64 bits of hundredths.
 * **Source** PostgreSQL manual 8.2; SQLAlchemy 2.0 `postgresql.MONEY`.
 *
 * @example
 * ```ts
 * import { Column, Table, Type } from "athanor"
 * const bills = Table.make("bills", { id: Column.id(), total: Column.make(Type.money) })
 * ```
 * @category exact types
 */
export const money: Type<BigDecimal.BigDecimal> = exactType({
  name: "money",
  capability: "moneyType",
  column: { postgres: "money" },
  codec: numericCodec(18, 2),
  wrap: {
    as: { _tag: "Numeric", precision: 18, scale: 2 },
    write: { sqlite: null, postgres: ["CAST(", " AS money)"], mysql: null, mariadb: null },
    read: { sqlite: null, postgres: ["CAST(", " AS numeric)"], mysql: null, mariadb: null }
  }
})

/**
 * The number of an object in the server's catalogs, 0 to 4,294,967,295.
 *
 * **SQL** postgres: oid; `Unsupported` elsewhere.
 * **Source** PostgreSQL manual 8.19; SQLAlchemy 2.0 `postgresql.OID`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.oid.key // => "exact oid"
 * ```
 * @category exact types
 */
export const oid: Type<number> = exactType({
  name: "oid",
  capability: "oidType",
  column: { postgres: "oid" },
  codec: integerCodec(0, 4_294_967_295, "a whole number of 32 bits without a sign")
})

/**
 * A table, index or view by its name, which the server keeps as its number.
 *
 * **Shape** read as the server prints it: quoted where it must be, with its schema where it is not
 * on the search path.
 * **SQL** postgres: regclass; `Unsupported` elsewhere.
 * **Errors** the server's for a name that is nobody's.
 * **Source** PostgreSQL manual 8.19; SQLAlchemy 2.0 `postgresql.REGCLASS`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.regclass.key // => "exact regclass"
 * ```
 * @category exact types
 */
export const regclass: Type<string> = exactType({
  name: "regclass",
  capability: "oidType",
  column: { postgres: "regclass" },
  codec: textCodec
})

/**
 * Text that is compared without regard to case.
 *
 * **SQL** postgres: citext, of the extension `citext`; `Unsupported` elsewhere, where a collation
 * does it: `Type.collated`.
 * **Source** PostgreSQL manual F.9; SQLAlchemy 2.0 `postgresql.CITEXT`.
 *
 * @example
 * ```ts
 * import { Column, Table, Type } from "athanor"
 * const users = Table.make("users", { id: Column.id(), email: Column.make(Type.citext) })
 * ```
 * @category exact types
 */
export const citext: Type<string> = exactType({
  name: "citext",
  capability: "citextType",
  column: { postgres: "citext" },
  codec: textCodec
})

/**
 * A path into JSON documents, in the SQL/JSON path language: `$.tags[*]`.
 *
 * **Shape** read as the server prints it: `$."tags"[*]`.
 * **SQL** postgres: jsonpath; `Unsupported` elsewhere.
 * **Errors** the server's `InvalidText` for what is no path.
 * **Source** PostgreSQL manual 8.14.7; SQLAlchemy 2.0 `postgresql.JSONPATH`.
 *
 * @example
 * ```ts
 * import { Expr, Type } from "athanor"
 * const path = Expr.value('$."a"', Type.jsonpath)
 * ```
 * @category exact types
 */
export const jsonpath: Type<string> = exactType({
  name: "jsonpath",
  capability: "jsonpathType",
  column: { postgres: "jsonpath" },
  codec: textCodec
})

const expectedSingle = "a finite number of single precision"
const single = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && Math.fround(value) === value
    ? value + 0
    : refused(expectedSingle)
// Servers print the shortest text of single precision, or the double it is.
const read = (raw: unknown): number => {
  const value = typeof raw === "string" || typeof raw === "bigint" ? Number(raw) : raw
  return typeof value === "number" && Number.isFinite(value) && raw !== ""
    ? Math.fround(value) + 0
    : refused(expectedSingle)
}
const form = { decode: read, encode: single }
const postgres = { decode: read, encode: (value: number) => String(single(value)) }
/** Numbers of single precision. */
export const singleCodec = makeCodec<number>({ sqlite: form, postgres, mysql: form, json: form })

/**
 * A single-precision number: a double that 24 bits of mantissa hold.
 *
 * **SQL** postgres: real · mysql, mariadb: float; `Unsupported` on sqlite, whose REAL is
 * `Type.double`.
 * **Errors** `EncodeFailed` for a number that single precision would round: `Math.fround` first.
 * **Source** SQL:2016 part 2, 6.1 data type; SQLAlchemy 2.0 `REAL`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.real.key // => "exact real"
 * ```
 * @category exact types
 */
export const real: Type<number> = exactType({
  name: "real",
  capability: "realType",
  family: { _tag: "Double" },
  column: { postgres: "real", mysql: "float", mariadb: "float" },
  cast: { mysql: "FLOAT", mariadb: "FLOAT" },
  codec: singleCodec
})

/**
 * A UUID in the server's own type on MariaDB too, where `Type.uuid` is 36 characters.
 *
 * **SQL** postgres: uuid · mariadb since 10.7: uuid; `Unsupported` elsewhere.
 * **Errors** `EncodeFailed` for what is no UUID, and on MariaDB for one of version 8 or later.
 * **Source** MariaDB manual, UUID data type.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.nativeUuid.key // => "exact uuid"
 * ```
 * @category exact types
 */
export const nativeUuid: Type<string> = exactType({
  name: "uuid",
  capability: "uuidType",
  family: { _tag: "Uuid" },
  column: { postgres: "uuid", mariadb: "uuid" },
  since: { mariadb: [10, 7, 0] },
  codec: makeCodec({
    ...uuidCodec.row,
    // MariaDB 10.11 refuses some of later versions: it tells them apart by bits of the node.
    mariadb: {
      ...uuidCodec.row.mariadb,
      encode: (value) => {
        const sent = uuidCodec.row.mariadb.encode(value) as string
        return sent.charCodeAt(14) < 56 ? sent : refused("a UUID of version 0 to 7")
      }
    },
    json: uuidCodec.json
  })
})
