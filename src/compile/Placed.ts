/**
 * A placed statement: expressions over columns in scope, and the SELECT blocks they stand in. The
 * two
 * are mutually recursive, so their types share one file.
 */
import type { When } from "../algebra/Command.ts"
import type { Kids } from "../algebra/fold.ts"
import type { Generator } from "../algebra/Generator.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import type { AnyType } from "../algebra/Type.ts"
import type {
  CombineOperator,
  CustomRelation,
  Direction,
  Group,
  HintForm,
  JoinKind,
  LockStrength,
  LockWait,
  Sample,
  TableFunction
} from "../algebra/Relation.ts"
import type { RowShape } from "../algebra/RowShape.ts"
import type { SqlType } from "../algebra/SqlType.ts"
import type { CteSource, TableSource } from "../algebra/Source.ts"

type Leaf = "Ref" | "Presence" | "Bound" | "BoundList" | "Named" | "Generated"

/** Expression nodes that keep their meaning when placed. */
export type OperatorTag = Exclude<Scalar["_tag"], Leaf>

/** A placed operator: the node says what, `kids` are its placed children. */
export type Operator<T extends OperatorTag> = T extends OperatorTag
  ? {
      readonly _tag: T
      readonly node: Extract<Scalar, { readonly _tag: T }>
      readonly kids: Kids<Extract<Scalar, { readonly _tag: T }>, Term, Query>
    }
  : never

/** A column of something in FROM; without a table inside commands. */
export interface Column {
  readonly _tag: "Column"
  readonly table: string | null
  readonly name: string
  readonly type: AnyType
  /** May be NULL here: by declaration, or as the absent side of an outer join. */
  readonly nullable: boolean
  /** A base table's column: the server knows its type as we do. */
  readonly stored: boolean
}

/** Where a parameter takes its value from. */
export type Origin =
  | { readonly _tag: "Bound"; readonly position: number }
  | { readonly _tag: "Named"; readonly name: string }
  | { readonly _tag: "Generated"; readonly generator: Generator }

export interface Parameter {
  readonly _tag: "Parameter"
  readonly origin: Origin
  readonly type: AnyType
}

/**
 * A list of values on the right of IN; `size` is its size class, null when known only at run time.
 */
export interface ListParameter {
  readonly _tag: "ListParameter"
  readonly origin: Origin
  readonly size: number | null
  readonly type: AnyType
}

/** TRUE where `self` is TRUE, else FALSE: never NULL. */
export interface IsTrue {
  readonly _tag: "IsTrue"
  readonly self: Term
  readonly type: AnyType
}

/** `CAST(self AS as)`: the server is told what it is to take a column for; the value stays. */
export interface Typed {
  readonly _tag: "Typed"
  readonly self: Term
  readonly as: SqlType
  readonly type: AnyType
}

/** An output column by its label, in ORDER BY. */
export interface Label {
  readonly _tag: "Label"
  readonly name: string
  readonly type: AnyType
}

/** A column of the row an upsert proposed. */
export interface Proposed {
  readonly _tag: "Proposed"
  readonly name: string
  readonly type: AnyType
}

/** A value inside an expression its type asks for; its own type is that of the whole. */
export interface Wrapped {
  readonly _tag: "Wrapped"
  readonly self: Term
  readonly around: readonly [before: string, after: string]
  readonly type: AnyType
}

/**
 * An expression whose references are resolved to columns in scope.
 *
 * @category models
 */
export type Term =
  | Operator<OperatorTag>
  | Column
  | Parameter
  | ListParameter
  | IsTrue
  | Typed
  | Wrapped
  | Label
  | Proposed

/** The type of a term's value. */
export const typeOf = (term: Term): AnyType => ("node" in term ? term.node.type : term.type)

// Queries

/** One output column. */
export interface Item {
  readonly term: Term
  readonly label: string
}

/** One sort key. */
export interface Sort {
  readonly term: Term
  readonly direction: Direction
}

/** Which rows of a table are read. */
export interface Sampled {
  readonly method: Sample["method"]
  readonly percent: Term
  readonly seed: Term | null
}

/** One thing in FROM. */
export type From =
  | {
      readonly _tag: "TableFrom"
      readonly source: TableSource
      readonly alias: string
      readonly only: boolean
      /** Hints about its indexes; grows while the SELECT is put together. */
      readonly indexes: ReadonlyArray<Extract<HintForm, { readonly _tag: "Index" }>>
      readonly sample: Sampled | null
      /**
       * Read through a derived table that adds a constant column: presence of a table without NOT
       * NULL columns.
       */
      readonly flag: string | null
    }
  | { readonly _tag: "CteFrom"; readonly name: string; readonly alias: string }
  | { readonly _tag: "QueryFrom"; readonly query: Query; readonly alias: string }
  /** A function's rows; what it reads may stand before it in FROM. */
  | {
      readonly _tag: "FunctionFrom"
      readonly node: TableFunction
      readonly args: ReadonlyArray<Term>
      readonly alias: string
      /** The column of its rows' places is asked for. */
      readonly ordinality: boolean
    }
  /** A recursion written where it is used: `(WITH RECURSIVE name AS … SELECT * FROM name)`. */
  | {
      readonly _tag: "RecursionFrom"
      readonly name: string
      readonly query: Query
      readonly alias: string
    }
  | {
      readonly _tag: "JoinFrom"
      readonly kind: JoinKind
      /** The right side may speak of the left one. */
      readonly lateral: boolean
      readonly left: From
      readonly right: From
      /** Null for a cross join. */
      readonly on: Term | null
    }

/** The lock a SELECT takes. */
export interface PlacedLock {
  readonly strength: LockStrength
  readonly wait: LockWait | null
  /** Aliases; empty where all of FROM are meant. */
  readonly of: ReadonlyArray<string>
}

/** One SELECT, clause by clause in the order SQL evaluates them. */
export interface Block {
  readonly _tag: "Block"
  readonly from: From | null
  readonly where: Term | null
  /** Null without grouping; empty for the one global group. */
  readonly group: ReadonlyArray<Term> | null
  /** Places in `group` of each grouping set's keys; null for the one set of all. */
  readonly sets: Group["sets"]
  readonly having: Term | null
  /** No query outside lends it columns. */
  readonly outermost: boolean
  readonly distinct: boolean
  /** DISTINCT ON so many of the first sort keys. */
  readonly distinctOn: number | null
  /** Grows while an outer block asks for more columns; fixed once placed. */
  readonly items: ReadonlyArray<Item>
  readonly order: ReadonlyArray<Sort>
  readonly limit: Term | null
  readonly offset: Term | null
  /** With the rows that sort as the last one. */
  readonly ties: boolean
  readonly lock: PlacedLock | null
  readonly hints: ReadonlyArray<HintForm>
}

/** A set operation over queries of equal width, with its own ORDER BY and LIMIT. */
export interface Compound {
  readonly _tag: "Compound"
  readonly op: CombineOperator
  readonly parts: ReadonlyArray<Query>
  /** The rows of a list: said as VALUES but the first. */
  readonly list?: boolean
  readonly order: ReadonlyArray<Sort>
  readonly limit: Term | null
  readonly offset: Term | null
  readonly ties?: boolean
}

/** A user's text around a query. */
export interface CustomQuery {
  readonly _tag: "CustomQuery"
  readonly node: CustomRelation
  readonly self: Query
  readonly args: ReadonlyArray<Term>
}

/** A relation as nested SELECTs: flat where SQL can say it flat. */
export type Query = Block | Compound | CustomQuery

export const isQuery = (root: Query | PlacedCommand | Term): root is Query =>
  root._tag === "Block" || root._tag === "Compound" || root._tag === "CustomQuery"

/** Labels of a query's output columns, in order. */
export const labelsOf = (query: Query): ReadonlyArray<string> =>
  query._tag === "Block"
    ? query.items.map((item) => item.label)
    : labelsOf(query._tag === "Compound" ? query.parts[0]! : query.self)

/** What a statement returns: its items with their types and the shape they decode to. */
export interface Result {
  readonly types: ReadonlyArray<AnyType>
  readonly shape: RowShape
}

/** A column and its new value; `table` is null where the column alone says which. */
export interface Assignment {
  readonly table: string | null
  readonly column: string
  readonly path: string
  readonly type: AnyType
  readonly term: Term
}

/** What an upsert does with a row that is there: nothing where there are no `sets`. */
export interface PlacedConflict {
  readonly target: ReadonlyArray<string>
  /** Said in literal values. */
  readonly partial: Scalar | null
  readonly sets: ReadonlyArray<Assignment>
  readonly where: Term | null
}

/** A command with its expressions placed. */
export type PlacedCommand =
  | {
      readonly _tag: "Insert"
      readonly table: TableSource
      /** Column keys. */
      readonly columns: ReadonlyArray<string>
      readonly rowCount: number
      readonly cells: ReadonlyArray<Term>
      readonly rows: Query | null
      readonly conflict: PlacedConflict | null
      readonly returned: ReadonlyArray<Item>
    }
  | {
      readonly _tag: "Update"
      readonly table: TableSource
      /** Null where the table's own name serves. */
      readonly alias: string | null
      readonly sets: ReadonlyArray<Assignment>
      readonly row: {
        readonly columns: ReadonlyArray<string>
        readonly query: Query
      } | null
      readonly from: From | null
      readonly where: Term
      readonly order: ReadonlyArray<Sort>
      readonly limit: Term | null
      readonly returned: ReadonlyArray<Item>
    }
  | {
      readonly _tag: "Delete"
      readonly table: TableSource
      readonly alias: string | null
      readonly using: From | null
      /** Other tables that lose rows, as they are called in `using`. */
      readonly also: ReadonlyArray<string>
      readonly where: Term
      readonly order: ReadonlyArray<Sort>
      readonly limit: Term | null
      readonly returned: ReadonlyArray<Item>
    }
  | {
      readonly _tag: "Merge"
      readonly table: TableSource
      readonly alias: string | null
      readonly using: From
      readonly on: Term
      readonly whens: ReadonlyArray<PlacedWhen>
      readonly returned: ReadonlyArray<Item>
    }

/** One case of a merge; `where` is TRUE where there is no condition. */
export interface PlacedWhen extends Pick<When, "match" | "does"> {
  readonly sets: ReadonlyArray<Assignment>
  readonly where: Term
}

/** A common table expression as it is written. */
export interface PlacedCte {
  readonly source: CteSource
  readonly query: Query | PlacedCommand
  readonly recursive: boolean
  /** Asked for twice it would give other rows: the server is told to ask once. */
  readonly isDrawn: boolean
}

/** A whole statement, ready to be said. */
export interface Placed {
  readonly ctes: ReadonlyArray<PlacedCte>
  readonly root: Query | PlacedCommand
  readonly result: Result | null
}
