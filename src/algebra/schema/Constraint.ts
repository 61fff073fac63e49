import type { ExactName } from "./naming.ts"
import type { Only } from "./only.ts"
import type { Scalar } from "../Scalar.ts"
import type { Deferral, Match, ReferentialAction } from "../Source.ts"
import type { IndexStorage } from "./storage.ts"
import type { OnConflict } from "./tableStorage.ts"
import type { Value } from "../Value.ts"

/**
 * A rule of a table beside its columns, as data: what the third argument of `Table.make` returns.
 *
 * **Source** SQL:2016 part 2, 11.6 table constraint; SQLAlchemy 2.0 "Defining Constraints and
 * Indexes".
 *
 * @category models
 */
export type TableItem =
  | (Ruled & {
      readonly _tag: "Index"
      readonly parts: ReadonlyArray<{ readonly scalar: Scalar; readonly descending: boolean }>
      readonly where: Scalar | null
      readonly unique: boolean
      readonly only: Only | null
      readonly include: ReadonlyArray<Scalar>
      readonly nullsEqual: boolean
      readonly storage: IndexStorage
    })
  | (Ruled & {
      readonly _tag: "Unique"
      readonly columns: ReadonlyArray<Scalar>
      readonly include: ReadonlyArray<Scalar>
      readonly nullsEqual: boolean
      readonly deferrable: Deferral
      readonly conflict: OnConflict | null
    })
  | {
      readonly _tag: "Computed"
      readonly column: Scalar
      readonly expression: Scalar
      readonly stored: boolean
    }
  | (Ruled & {
      readonly _tag: "Check"
      readonly noInherit?: true
      readonly predicate: Scalar
      readonly only: Only | null
    })
  | (Ruled & {
      readonly _tag: "PrimaryKey"
      readonly columns: ReadonlyArray<Scalar>
      readonly conflict: OnConflict | null
    })
  | (Ruled & {
      readonly _tag: "Exclusion"
      readonly using: string
      readonly parts: ReadonlyArray<{ readonly scalar: Scalar; readonly operator: string }>
      readonly where: Scalar | null
      readonly deferrable: Deferral
    })
  | (Ruled & {
      readonly _tag: "Reference"
      readonly columns: ReadonlyArray<Scalar>
      readonly target: () => ReadonlyArray<Value<any, any>>
      readonly onDelete: ReferentialAction
      readonly setsOnDelete?: ReadonlyArray<string>
      readonly onUpdate: ReferentialAction
      readonly deferrable: Deferral
      readonly match: Match
    })

/** What every rule with a name has. */
interface Ruled {
  readonly name: string | ExactName | null
  readonly comment: string | null
}

/**
 * What a constraint has beside what it says.
 *
 * **Shape** PostgreSQL keeps comments of all of them; MySQL and MariaDB of keys and unique
 * constraints, which are indexes there, and refuse others: `Unsupported` (`constraintComments`).
 * SQLite keeps none (`comments`).
 *
 * @category models
 */
export interface RuleOptions {
  /** Made of the table's and the columns' names where left out; see `Convention`. */
  readonly name?: string | ExactName
  readonly comment?: string
}

/**
 * What a rule has that one dialect may have alone.
 *
 * @category models
 */
export interface ConditionalOptions extends RuleOptions {
  /** The dialects and versions it is for; all of them where left out. */
  readonly only?: Only
}

/**
 * What a key has beside what every rule has.
 *
 * @category models
 */
export interface KeyOptions extends RuleOptions {
  /** What SQLite alone takes: what becomes of a row that breaks it. Others leave it out. */
  readonly sqlite?: { readonly onConflict?: OnConflict }
}

/** A rule's name and comment as its node has them. */
export const ruled = ({ comment, name }: RuleOptions): Ruled => ({
  name: name ?? null,
  comment: comment ?? null
})

/** What a foreign key does, and when. */
export interface Referring {
  readonly onDelete: ReferentialAction
  readonly onUpdate: ReferentialAction
  readonly deferrable: Deferral
  readonly match: Match
}

/**
 * ON DELETE and ON UPDATE of a foreign key, `no action` unless said; when it is checked, and its
 * name.
 *
 * **Errors** `Unsupported` for `deferrable` on MySQL and MariaDB (`deferrableConstraints`), for
 * `match: "full"` of several columns but on PostgreSQL (`matchFull`).
 * **Source** SQL:2016 part 2, 11.8 referential constraint definition.
 *
 * @category models
 */
export interface ReferenceOptions extends RuleOptions {
  readonly onDelete?: ReferentialAction
  readonly onUpdate?: ReferentialAction
  /** Checked at the transaction's end where `deferred`; `immediate` lets a transaction ask so. */
  readonly deferrable?: "immediate" | "deferred"
  /** Of several columns: `simple`, the usual one, lets a row pass with a NULL among them. */
  readonly match?: Match
}

/** A foreign key's options as its node has them. */
export const referring = (options: ReferenceOptions): Referring => ({
  onDelete: options.onDelete ?? "no action",
  onUpdate: options.onUpdate ?? "no action",
  deferrable: options.deferrable ?? "no",
  match: options.match ?? "simple"
})

/** The nodes of expressions. */
export const nodesOf = (columns: ReadonlyArray<Value<any, any>>): ReadonlyArray<Scalar> =>
  columns.map((c) => c.node)
