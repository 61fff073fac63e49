import type { DialectName } from "../algebra/Dialect.ts"
import type { Generator } from "../algebra/Generator.ts"
import type { AnyType } from "../algebra/Type.ts"
import type { Warning } from "./Warning.ts"

/**
 * Where one placeholder takes its value from.
 *
 * **Shape** `Bound` is the n-th value lifted out of the statement; `List` the n-th lifted list as
 * one value; `Element` one element of such a list, the last one again where the list is shorter;
 * `Named` comes from the caller's parameters; `Generated` is made at execution from Clock and
 * Random. `encode` is the dialect's encoder; null bypasses it.
 *
 * @category models
 */
export type Slot =
  | {
      readonly _tag: "Bound"
      readonly index: number
      readonly path: string
      readonly encode: Encode
    }
  | {
      readonly _tag: "List"
      readonly index: number
      readonly path: string
      readonly encode: Encode
    }
  | {
      readonly _tag: "Element"
      readonly index: number
      readonly at: number
      readonly path: string
      readonly encode: Encode
    }
  | {
      readonly _tag: "Named"
      readonly name: string
      readonly path: string
      readonly encode: Encode
    }
  | {
      readonly _tag: "Generated"
      readonly generator: Generator
      readonly path: string
      readonly type: AnyType
      readonly encode: Encode
    }

/**
 * Encodes a value that is not null.
 *
 * **Errors** throws `ValueRefused` for a value its type cannot hold.
 *
 * @category models
 */
export type Encode = (value: never) => unknown

/**
 * Builds the result row from the driver's positional values.
 *
 * **Errors** throws `DecodeRefused` for a stored value its type cannot read.
 *
 * @category models
 */
export type Decode<Row> = (row: ReadonlyArray<unknown>) => Row

/**
 * A statement as one dialect says it.
 *
 * **Shape** `text` with the dialect's placeholders; `slots` in placeholder order; `decode` is null
 * for a statement without rows. `bigints` asks the SQLite driver for exact 64-bit integers. `reads`
 * and `writes` name the tables it touches. Values are no part of it, save those in `fixed`: two
 * statements with one key share one Compiled.
 *
 * @category models
 */
export interface Compiled<Row = unknown> {
  readonly _tag: "Compiled"
  readonly dialect: DialectName
  readonly text: string
  readonly slots: ReadonlyArray<Slot>
  readonly decode: Decode<Row> | null
  readonly bigints: boolean
  /** What the server's number of rows has to become the number of rows matched. */
  readonly counting: Counting
  readonly kind: "query" | "insert" | "update" | "delete" | "merge" | "ddl"
  readonly reads: ReadonlyArray<string>
  readonly writes: ReadonlyArray<string>
  /** Names of the parameters it takes, also of those its text needs not. */
  readonly names: ReadonlyArray<string>
  /**
   * Positions of values that must be equal for this text, or must differ: of a grouping expression
   * said twice. Almost always empty; `StatementCache` keeps one text for each case.
   */
  readonly agree: ReadonlyArray<Agreement>
  /**
   * Values written into the text, where the server takes no parameter: a frame's offset on MariaDB.
   * Almost always empty; `StatementCache` keeps one text for each of their values.
   */
  readonly fixed: ReadonlyArray<Fixed>
  /** The same insert without RETURNING; null where more is given back than the key of one row. */
  readonly rowKey: RowKey | null
  /** What is seldom meant, unless the values say otherwise; almost always empty. */
  readonly warnings: ReadonlyArray<Warning>
  /**
   * Names of the columns that a text written by hand is to give, in their order: of the query, or
   * of the rows an insert takes. Whether it gives them only the server knows. Null for what is
   * built.
   */
  readonly byHand: ReadonlyArray<string> | null
  /**
   * SQLite: the texts by hand inside of the statement, whose columns go by their names there. Of
   * two columns of one name it would take the first. Almost always empty.
   */
  readonly within: ReadonlyArray<TextWithin>
  /** Where tables are named in the text: what another schema's name is put into. */
  readonly schemas: ReadonlyArray<SchemaPlace>
}

/**
 * A text by hand inside of a statement, and the names of the columns that are declared of it.
 *
 * @category models
 */
export interface TextWithin {
  readonly text: string
  readonly declared: ReadonlyArray<string>
}

/**
 * The place before the name of a table, a type or a sequence.
 *
 * **Shape** the text from `start` to `end` is the schema as it was written and a dot; empty where
 * the table names none.
 *
 * @category models
 */
export interface SchemaPlace {
  readonly schema: string | null
  readonly start: number
  readonly end: number
  /** The schema itself is meant: no dot and no name follows; or it stands in a text. */
  readonly as?: "alone" | "quoted"
}

/**
 * An insert of one row of which only the key is wanted, said without RETURNING: for SQLite, which
 * knows the key of the last row anyway and takes longer to return it than to add the row.
 *
 * **Shape** `count` times the `column` of `table`, by their names in the database. A driver uses
 * `text` only where it has proven that the column is the table's rowid.
 *
 * @category models
 */
export interface RowKey {
  readonly text: string
  readonly table: string
  readonly column: string
  readonly count: number
}

/**
 * What a server counts.
 *
 * **Shape** `matched`: the rows matched. MySQL and MariaDB count an updated row of an upsert twice,
 * so `proposed` counts those it was given; `written` comes as rows, whose first column says whether
 * the row was written or left as it was. The first column of `ordered` says which row comes first.
 *
 * @category models
 */
export type Counting = "matched" | "proposed" | "written" | "ordered"

/** A position and the value the text has for it. */
export interface Fixed {
  readonly position: number
  readonly value: unknown
}

/** Two positions, the encoder whose results decide whether their values are one, and that. */
export interface Agreement {
  readonly left: number
  readonly right: number
  /** Whether the text stands for statements where they are one, or for those where they differ. */
  readonly equal: boolean
  readonly encode: Encode
}
