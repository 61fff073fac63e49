import type { Scalar } from "./Scalar.ts"
import type { ReferentialAction } from "./Source.ts"
import type { Value } from "./Value.ts"

/**
 * A rule of a table beside its columns, as data: what the third argument of `Table.make` returns.
 *
 * **Source** SQL:2016 part 2, 11.6 table constraint; SQLAlchemy 2.0 "Defining Constraints and
 * Indexes".
 *
 * @category models
 */
export type TableItem =
  | {
      readonly _tag: "Index"
      readonly parts: ReadonlyArray<{ readonly scalar: Scalar; readonly descending: boolean }>
      readonly where: Scalar | null
      readonly unique: boolean
      readonly name: string | null
    }
  | {
      readonly _tag: "Unique"
      readonly columns: ReadonlyArray<Scalar>
      readonly name: string | null
    }
  | {
      readonly _tag: "Computed"
      readonly column: Scalar
      readonly expression: Scalar
      readonly stored: boolean
    }
  | { readonly _tag: "Check"; readonly predicate: Scalar; readonly name: string | null }
  | {
      readonly _tag: "PrimaryKey"
      readonly columns: ReadonlyArray<Scalar>
      readonly name: string | null
    }
  | {
      readonly _tag: "Reference"
      readonly columns: ReadonlyArray<Scalar>
      readonly target: () => ReadonlyArray<Value<any, any>>
      readonly onDelete: ReferentialAction
      readonly onUpdate: ReferentialAction
      readonly name: string | null
    }

/** Another name for a constraint or an index than the one made from its columns. */
export interface Naming {
  readonly name: string
}

/** The nodes of expressions. */
export const nodesOf = (columns: ReadonlyArray<Value<any, any>>): ReadonlyArray<Scalar> =>
  columns.map((c) => c.node)
