/**
 * The data of the algebra: expressions, relations and their sources are mutually recursive, so
 * their
 * types share one file. Constructors are in `Scalar.ts` and `Relation.ts`, the fold in `fold.ts`.
 */
import type { Convention } from "./schema/naming.ts"
import type { Counter } from "./schema/counter.ts"
import type { DialectName } from "./Dialect.ts"
import type { Generator } from "./Generator.ts"
import type { IndexStorage } from "./schema/storage.ts"
import type { OnConflict, TableStorage } from "./schema/tableStorage.ts"
import type { Rank } from "./operatorSymbols.ts"
import type { Notes } from "./schema/notes.ts"
import type { Only } from "./schema/only.ts"
import type { RowRule, Rule } from "./RuleBroken.ts"
import type { RowMembers, RowShape } from "./RowShape.ts"
import type { AnyType } from "./Type.ts"
import type {
  AggregateName,
  Arithmetic,
  CombineOperator,
  Comparison,
  Deferral,
  Direction,
  Frame,
  FunctionName,
  HintForm,
  JoinKind,
  LockStrength,
  LockWait,
  Match,
  Quantifier,
  ReferentialAction,
  ServerSets,
  Versioning,
  WindowName,
  JsonChange,
  TableFunctionName,
  UniqueNode
} from "./words.ts"

export type {
  UniqueNode,
  AggregateName,
  Arithmetic,
  BitOperator,
  ClockPart,
  ClockUnit,
  CombineOperator,
  Comparison,
  DayPart,
  DayUnit,
  Deferral,
  DialectText,
  Direction,
  Frame,
  FrameBound,
  FunctionName,
  HintForm,
  JoinKind,
  LockStrength,
  LockWait,
  Match,
  Quantifier,
  ReferentialAction,
  TableFunctionName,
  VolatileName,
  WindowName
} from "./words.ts"

/**
 * What every node carries beside its fields, computed by its constructor.
 *
 * **Shape** `key` is structure only: equal keys mean equal text. `binds` are the values lifted out,
 * in child order. `ctes` are the common table expressions it refers to, each once, dependencies
 * first.
 */
export interface Carried {
  readonly key: string
  readonly binds: ReadonlyArray<Bound>
  readonly ctes: ReadonlyArray<CteSource>
}

// Sources

/** One column of a table: its type and the facts the server and the mapper need. */
export interface ColumnNode {
  /** Property in TypeScript. */
  readonly key: string
  /** Name in the database. */
  readonly name: string
  readonly type: AnyType
  /** The type of what is written: its codec asks the rules. */
  readonly written: AnyType
  readonly rules: ReadonlyArray<Rule>
  readonly nullable: boolean
  /** Made by the server as the next integer: AUTOINCREMENT, IDENTITY, AUTO_INCREMENT. */
  readonly identity: boolean
  /** How it counts, and whether a statement may not give a value; null is as the server has it. */
  readonly counted: { readonly always: boolean; readonly counter: Counter } | null
  /** Made by the client when an insert leaves the column out. */
  readonly default: Generator | null
  /** Made by the server when an insert leaves the column out, as constant SQL. */
  readonly serverDefault: Scalar | null
  /** Made by the server from other columns of the row; never written. */
  readonly computed: { readonly expression: Scalar; readonly stored: boolean } | null
  /** Made by the client when an update leaves the column out. */
  readonly onUpdate: Generator | null
  /** Never changed after insert. */
  readonly writeOnce: boolean
  /** Another with each update of the row: optimistic locking. */
  readonly version: false | Versioning
  /** Which statements have the server set it, by a trigger; they do not give it. */
  readonly serverSet: ServerSets | null
  /** What a server calls the type of a column that was reflected, where another name is its own. */
  readonly spelled: Readonly<Partial<Record<DialectName, string>>> | null
  /** What its server says of a column that was reflected and no type does, in its words. */
  readonly attributes: Readonly<Partial<Record<DialectName, string>>> | null
  /** Not printed. */
  readonly redacted: boolean
  readonly comment: string | null
  /** What the program notes of it for itself. */
  readonly notes: Notes
  /** Whether a check holds it to the values of its type; null leaves that to the type. */
  readonly guarded: boolean | null
  /** Not read with its row, but by its name or that of its group. */
  readonly deferred: { readonly group: string | null } | null
}

/** What is read with each row of a table and is no column of it: an expression over the row. */
export interface QueriedColumn {
  readonly key: string
  readonly type: AnyType
  readonly nullable: boolean
  readonly redacted: boolean
  /** The expression, for the rows of an alias. */
  readonly of: (alias: string) => Scalar
}

/** A foreign key: tuples of columns from the start. */
export interface ForeignKey {
  readonly name: string
  /** Column keys of the referring table. */
  readonly columns: ReadonlyArray<string>
  readonly target: TableSource
  /** Column keys of the target. */
  readonly targetColumns: ReadonlyArray<string>
  readonly onDelete: ReferentialAction
  /** PostgreSQL: column keys that ON DELETE sets, where a key that was reflected sets not all. */
  readonly setsOnDelete?: ReadonlyArray<string>
  readonly onUpdate: ReferentialAction
  readonly deferrable: Deferral
  /** With `full` all columns are NULL or none is. */
  readonly match: Match
  readonly comment: string | null
}

/** An index over columns and expressions of a row. */
export interface IndexNode {
  readonly name: string
  readonly parts: ReadonlyArray<{ readonly scalar: Scalar; readonly descending: boolean }>
  /** It holds the rows for which this is true; null where it holds all. */
  readonly where: Scalar | null
  readonly unique: boolean
  readonly only: Only | null
  /** Column keys kept beside its own, for queries that read the index alone. */
  readonly include: ReadonlyArray<string>
  /** Two rows with a NULL in the same place clash. */
  readonly nullsEqual: boolean
  readonly comment: string | null
  readonly storage: IndexStorage
}

/** A check constraint: a row is refused where the predicate is false. */
export interface CheckNode {
  readonly name: string
  readonly predicate: Scalar
  /** PostgreSQL: one that was reflected and holds for the rows of the table alone. */
  readonly noInherit?: true
  readonly only: Only | null
  readonly comment: string | null
}

/** No two rows for which all the operators hold between their parts: PostgreSQL's EXCLUDE. */
export interface ExclusionNode {
  readonly name: string
  readonly using: string
  readonly parts: ReadonlyArray<{ readonly scalar: Scalar; readonly operator: string }>
  readonly where: Scalar | null
  readonly deferrable: Deferral
  readonly comment: string | null
}

/**
 * A link from one table to another as the compiler sees it: which of the target's rows belong to a
 * row.
 *
 * **Shape** `columns` of this side equal `targetColumns`; with `through`, by way of a link table;
 * with `on`, where that is true of the two rows: `columns` are then this side's primary key.
 */
export interface JoinSource {
  readonly toMany: boolean
  readonly target: TableSource
  readonly columns: ReadonlyArray<string>
  readonly targetColumns: ReadonlyArray<string>
  readonly through: {
    readonly table: TableSource
    /** Columns of the link table that refer to this side's `columns`. */
    readonly near: ReadonlyArray<string>
    /** Columns of the link table that refer to the target's `targetColumns`. */
    readonly far: ReadonlyArray<string>
  } | null
  /** A condition over this side under the alias `own` and the target under the alias `target`. */
  readonly on: Scalar | null
}

/** Those rows of a family that are of one member. */
export interface MemberRows {
  readonly by: string
  readonly is: unknown
  /** The key among the columns of all rows of what the member has under a key of its own. */
  readonly keyIn: (key: string) => string
}

/** What the rows of one member lead to by a name, over columns of that member. */
export interface MemberJoin {
  readonly relation: JoinSource
  readonly member: TableSource
  readonly rows: MemberRows
}

/** A base table by identity: two tables are the same only when they are one value. */
export interface TableSource {
  readonly _tag: "TableSource"
  /** Distinguishes tables in statement keys; never printed. */
  readonly id: number
  readonly name: string
  readonly schema: string | null
  readonly columns: ReadonlyArray<ColumnNode>
  readonly byKey: ReadonlyMap<string, ColumnNode>
  /** The columns of a whole row: all that are not deferred. */
  readonly whole: ReadonlyArray<ColumnNode>
  /** What is read with a row beside its columns. */
  readonly queried: ReadonlyArray<QueriedColumn>
  /** Column keys of the primary key; empty without one. */
  readonly primaryKey: ReadonlyArray<string>
  readonly primaryKeyName: string
  readonly primaryKeyComment: string | null
  readonly primaryKeyConflict: OnConflict | null
  /** Thunks: read after every table exists. */
  readonly foreignKeys: () => ReadonlyArray<ForeignKey>
  readonly uniques: () => ReadonlyArray<UniqueNode>
  readonly indexes: () => ReadonlyArray<IndexNode>
  readonly checks: () => ReadonlyArray<CheckNode>
  readonly exclusions: () => ReadonlyArray<ExclusionNode>
  /** What the program asks of several columns of a row before it writes them. */
  readonly rules: () => ReadonlyArray<RowRule>
  readonly comment: string | null
  /** What the program notes of it for itself. */
  readonly notes: Notes
  /** Where it is; everywhere where nothing is said. */
  readonly only: Only | null
  /** How its rules are named that say no name of their own. */
  readonly naming: Convention
  /** What one dialect alone takes of it. */
  readonly storage: TableStorage
  /** PostgreSQL: the tables it inherits from, or the one it is a partition of. */
  readonly parents: () => ReadonlyArray<TableSource>
  /** Relations by name; empty for a plain table. */
  readonly relations: () => ReadonlyMap<string, JoinSource>
  /** Class of the rows, as its prototype; plain objects where null. */
  readonly prototype: object | null
  /** What it shows or was made from; null for a table of its own rows. */
  readonly definition: Definition | null
  /** Where its rows are, of a class over a table or a query that is there; null for its own. */
  readonly over: Over | null
}

/** What a source without rows of its own is over. */
export interface Over {
  /** What statements say in its place: its columns under the same keys. */
  readonly said: TableSource | DerivedSource
  /** The tables its rows are kept in; none where they are only read. */
  readonly tables: ReadonlyArray<TableSource>
  /** The classes its rows are of, where they are of several. */
  readonly members: (() => RowMembers) | null
  /** What some of them lead to by a name, each in its own way: none of what all say alike. */
  readonly each: ((name: string) => ReadonlyArray<MemberJoin>) | null
}

/** A query kept under a name. */
export interface Definition {
  readonly kind: "view" | "temporary view" | "materialized view" | "table" | "temporary table"
  readonly query: Relation
  /** How a whole row is built from the columns, in their order. */
  readonly shape: RowShape
}

/** A query in parentheses, used as a table. */
export interface DerivedSource {
  readonly _tag: "DerivedSource"
  readonly query: Relation
}

/**
 * A common table expression: a named query, by identity; or a named command, whose rows are those
 * it gives back.
 */
export interface CteSource {
  readonly _tag: "CteSource"
  readonly name: string
  readonly query: Relation | Command
  /** A hint: kept as rows or written into its users' place; null leaves it to the server. */
  readonly materialized: boolean | null
}

/** What the step of a recursion reads: the rows found last, of the row type of `query`. */
export interface SelfSource {
  readonly _tag: "SelfSource"
  readonly name: string
  readonly query: Relation
}

/** Where the columns of an alias come from. */
export type Source = TableSource | DerivedSource | CteSource | SelfSource

// Expressions

/**
 * The value of a column of an alias in scope. `path` is the property path: one step for a table.
 */
export interface Ref extends Carried {
  readonly _tag: "Ref"
  readonly alias: string
  readonly source: Source
  readonly path: ReadonlyArray<string>
  readonly type: AnyType
}

/**
 * Whether the alias has a row: false for the absent side of an outer join. A longer `path` asks for
 * a nested record of a derived table.
 */
export interface Presence extends Carried {
  readonly _tag: "Presence"
  readonly alias: string
  readonly source: Source
  readonly path: ReadonlyArray<string>
  readonly type: AnyType
}

/** A value given with the statement, always sent as a parameter; null is NULL of that type. */
export interface Bound extends Carried {
  readonly _tag: "Bound"
  readonly value: unknown
  readonly type: AnyType
}

/** A list of values, none of them null, sent as one parameter where the dialect can. */
export interface BoundList extends Carried {
  readonly _tag: "BoundList"
  readonly values: ReadonlyArray<unknown>
  readonly type: AnyType
}

/** A value given when the statement runs, by name. */
export interface Named extends Carried {
  readonly _tag: "Named"
  readonly name: string
  readonly type: AnyType
}

/** A value made by the client when the statement runs. */
export interface Generated extends Carried {
  readonly _tag: "Generated"
  readonly generator: Generator
  readonly type: AnyType
}

/** A constant of the language: TRUE, FALSE, NULL or a small integer. Printed, part of the key. */
export interface Constant extends Carried {
  readonly _tag: "Constant"
  readonly value: boolean | number | null
  readonly type: AnyType
}

/**
 * What the server puts into a column that is left out, in the place of a value: a cell of an insert
 * or a new value of an update, nothing else. `column` is null until its place is known.
 */
export interface Default extends Carried {
  readonly _tag: "Default"
  readonly column: ColumnNode | null
  readonly type: AnyType
}

export interface Compare extends Carried {
  readonly _tag: "Compare"
  readonly op: Comparison
  readonly left: Scalar
  readonly right: Scalar
  readonly type: AnyType
}

/** Three-valued conjunction; TRUE of no parts. */
export interface And extends Carried {
  readonly _tag: "And"
  readonly parts: ReadonlyArray<Scalar>
  readonly type: AnyType
}

/** Three-valued disjunction; FALSE of no parts. */
export interface Or extends Carried {
  readonly _tag: "Or"
  readonly parts: ReadonlyArray<Scalar>
  readonly type: AnyType
}

/** Three-valued negation. */
export interface Not extends Carried {
  readonly _tag: "Not"
  readonly self: Scalar
  readonly type: AnyType
}

/** Whether a value is NULL; never NULL itself. */
export interface IsNull extends Carried {
  readonly _tag: "IsNull"
  readonly self: Scalar
  readonly type: AnyType
}

export interface Arith extends Carried {
  readonly _tag: "Arith"
  readonly op: Arithmetic
  readonly left: Scalar
  readonly right: Scalar
  readonly type: AnyType
}

export interface Negate extends Carried {
  readonly _tag: "Negate"
  readonly self: Scalar
  readonly type: AnyType
}

/**
 * Pattern match: case-sensitive on every dialect, or `insensitive` for ASCII letters on every one.
 * `escape`, one ASCII character, escapes `%`, `_` and itself.
 */
export interface Like extends Carried {
  readonly _tag: "Like"
  readonly self: Scalar
  readonly pattern: Scalar
  readonly insensitive: boolean
  readonly escape: string
  readonly type: AnyType
}

/**
 * Values side by side, in a comparison with as many or in IN: equal where all are, ordered by the
 * first that differ. Not a value itself.
 */
export interface Tuple extends Carried {
  readonly _tag: "Tuple"
  readonly parts: ReadonlyArray<Scalar>
  readonly type: AnyType
}

/**
 * Whether a comparison holds with one (`any`) or with each (`all`) of a list; `eq any` is
 * membership. FALSE for `any` of the empty list and TRUE for `all`; NULL where `self` is NULL and
 * the list is not empty.
 */
export interface InList extends Carried {
  readonly _tag: "InList"
  readonly self: Scalar
  readonly list: Scalar
  readonly op: Comparison
  readonly quantifier: Quantifier
  readonly type: AnyType
}

/**
 * Whether a comparison holds with one or with each row of a query, by SQL's three-valued rule;
 * `eq any` is membership.
 */
export interface InQuery extends Carried {
  readonly _tag: "InQuery"
  readonly self: Scalar
  readonly query: Relation
  readonly op: Comparison
  readonly quantifier: Quantifier
  readonly type: AnyType
}

/** `low <= self AND self <= high`; `symmetric`, or so with the ends exchanged. */
export interface Between extends Carried {
  readonly _tag: "Between"
  readonly self: Scalar
  readonly low: Scalar
  readonly high: Scalar
  readonly symmetric: boolean
  readonly type: AnyType
}

/** The `then` of the first TRUE `when`; else `otherwise`. */
export interface Case extends Carried {
  readonly _tag: "Case"
  readonly whens: ReadonlyArray<Scalar>
  readonly thens: ReadonlyArray<Scalar>
  readonly otherwise: Scalar
  readonly type: AnyType
}

/** With `orNull`, NULL where the value has none of the type; else it fails. */
export interface Cast extends Carried {
  readonly _tag: "Cast"
  readonly self: Scalar
  readonly orNull: boolean
  readonly type: AnyType
}

/**
 * What a document has under keys and at places from 0, one inside the other: NULL where it has
 * nothing there, JSON's null where it has that. A key is one whatever is in it; a key of an array
 * and a place of an object have nothing.
 */
export interface JsonAt extends Carried {
  readonly _tag: "JsonAt"
  readonly self: Scalar
  readonly path: ReadonlyArray<string | number>
  readonly type: AnyType
}

/**
 * A document with something else in what is at a path: a record there with `values` under `keys`
 * (`set`), another value at a place a list has (`replace`) or behind the last one (`append`), or
 * without what is there (`remove`). Where nothing of that kind is there the document is as it was.
 * A value that is NULL becomes JSON's null.
 */
export interface JsonEdit extends Carried, JsonChange {
  readonly _tag: "JsonEdit"
  readonly self: Scalar
  readonly values: ReadonlyArray<Scalar>
  readonly type: AnyType
}

export interface Call extends Carried {
  readonly _tag: "Call"
  readonly name: FunctionName
  readonly args: ReadonlyArray<Scalar>
  readonly type: AnyType
}

/**
 * `count(*)` has no argument. NULL arguments are skipped, save by `jsonAgg` and `arrayAgg`;
 * `jsonObjectAgg` skips NULL keys, and of equal ones gives the last. Only
 * rows for which `filter` is TRUE count. `order` sorts the rows where their order shows, and within
 * `percentileCont`, `percentileDisc` and `mode` gives the value itself. Law L14.
 */
export interface Aggregate extends Carried {
  readonly _tag: "Aggregate"
  readonly name: AggregateName
  readonly args: ReadonlyArray<Scalar>
  readonly distinct: boolean
  readonly filter: Scalar | null
  readonly order: ReadonlyArray<Scalar>
  readonly directions: ReadonlyArray<Direction>
  readonly type: AnyType
}

/**
 * 1 where the row is a total over a key of grouping sets, so that the key is NULL in it; else 0.
 */
export interface Grouping extends Carried {
  readonly _tag: "Grouping"
  readonly self: Scalar
  readonly type: AnyType
}

/** A function of a row's place among others: meant only as the `self` of a `Window`. */
export interface WindowCall extends Carried {
  readonly _tag: "WindowCall"
  readonly name: WindowName
  readonly args: ReadonlyArray<Scalar>
  readonly type: AnyType
}

/**
 * For each row its function over the rows with equal `partition`, NULLs alike, sorted by `order`,
 * and of those the ones in the frame. Without a frame: from the partition's first row to the last
 * that sorts as this one does, and without an order the whole partition. Law L15.
 *
 * It is over all rows of the relation below, so it stands in projections and sort keys alone.
 */
export interface Window extends Carried {
  readonly _tag: "Window"
  readonly self: Aggregate | WindowCall
  readonly partition: ReadonlyArray<Scalar>
  readonly order: ReadonlyArray<Scalar>
  readonly directions: ReadonlyArray<Direction>
  readonly frame: Frame | null
  /** Of the frame's bounds that have one, the start's first. */
  readonly offsets: ReadonlyArray<Scalar>
  /** Windows of one name in one SELECT are the same window. */
  readonly name: string | null
  readonly type: AnyType
}

/** The one value of a query of at most one row; NULL without a row. */
export interface Subquery extends Carried {
  readonly _tag: "Subquery"
  readonly query: Relation
  readonly type: AnyType
}

export interface Exists extends Carried {
  readonly _tag: "Exists"
  readonly query: Relation
  readonly type: AnyType
}

/** SQL written by the user: literal parts with holes between them. */
export interface Raw extends Carried {
  readonly _tag: "Raw"
  readonly parts: ReadonlyArray<string>
  readonly holes: ReadonlyArray<Scalar>
  /** The tables it reads beside those of its holes; null where nobody said. */
  readonly tables: ReadonlyArray<TableSource> | null
  /** It may have another value each time it is asked, as its writer declares. */
  readonly drawn: boolean
  readonly type: AnyType
}

/** A user's node: its children and how each dialect prints them. */
export interface CustomScalar extends Carried {
  readonly _tag: "CustomScalar"
  readonly name: string
  readonly args: ReadonlyArray<Scalar>
  /** Literal parts around the children, one more than them; null where the dialect cannot. */
  readonly print: Readonly<Record<DialectName, ReadonlyArray<string> | null>>
  /**
   * What it looks like to the expressions around it and in it: a text of whatever kind, an operator
   * between operands, an operator that gives a condition, one of a known rank, or a call.
   */
  readonly form: "text" | "operator" | "condition" | "call" | Rank
  /** Has another value each time it is asked. */
  readonly drawn: boolean
  readonly type: AnyType
}

/** An expression: a function from a row of the aliases in scope to a value or NULL. */
export type Scalar =
  | Ref
  | Presence
  | Bound
  | BoundList
  | Named
  | Generated
  | Constant
  | Default
  | Compare
  | And
  | Or
  | Not
  | IsNull
  | Arith
  | Negate
  | Like
  | Tuple
  | InList
  | InQuery
  | Between
  | Case
  | Cast
  | JsonAt
  | JsonEdit
  | Call
  | Aggregate
  | Grouping
  | WindowCall
  | Window
  | Subquery
  | Exists
  | Raw
  | CustomScalar

// Relations

/**
 * A relation denotes, for a database, a list of scopes: each maps an alias to a row, or to the
 * absent row of an outer join. `Project` adds the result row to each scope and keeps its aliases.
 * Only `Order` promises an order, and only to the node above it: the end, or `DistinctOn` and
 * `Slice`, which pass it on.
 *
 * Canonical order of one block, inside out:
 * sources and joins, Filter (where), Group, Filter (having), Project, Distinct, Order, DistinctOn,
 * Slice.
 */
export type Relation =
  | Unit
  | Table
  | Derived
  | Cte
  | Join
  | Filter
  | Group
  | Project
  | Distinct
  | DistinctOn
  | Order
  | Slice
  | Combine
  | Recursion
  | Lock
  | Hint
  | Values
  | TableFunction
  | Sample
  | CustomRelation

/** One scope without aliases: a query without FROM. */
export interface Unit extends Carried {
  readonly _tag: "Unit"
}

/** One scope per row of a base table. */
export interface Table extends Carried {
  readonly _tag: "Table"
  readonly source: TableSource
  readonly alias: string
  /** Without the rows of tables that inherit from it, where tables can. */
  readonly only: boolean
}

/** One scope per result row of a query. */
export interface Derived extends Carried {
  readonly _tag: "Derived"
  readonly source: DerivedSource
  readonly alias: string
  readonly self: Relation
}

/**
 * One scope per result row of a named query, evaluated once per statement. A command is carried out
 * once, and the rest of the statement sees the database as it was before.
 */
export interface Cte extends Carried {
  readonly _tag: "Cte"
  readonly source: CteSource | SelfSource
  readonly alias: string
}

/**
 * The pairs of scopes for which `on` is TRUE; `left` adds unmatched left scopes with the right
 * aliases absent, `right` the unmatched right ones, `full` both. Where it is `lateral`, the right
 * side is asked for each left scope and may speak of its aliases. Laws L10, L12.
 */
export interface Join extends Carried {
  readonly _tag: "Join"
  readonly kind: JoinKind
  /** Of inner, left and cross joins only. */
  readonly lateral: boolean
  readonly left: Relation
  readonly right: Relation
  /** Constant TRUE for a cross join. */
  readonly on: Scalar
}

/** The scopes for which the predicate is TRUE: WHERE, or HAVING above a `Group`. */
export interface Filter extends Carried {
  readonly _tag: "Filter"
  readonly self: Relation
  readonly predicate: Scalar
}

/**
 * One scope per distinct tuple of keys (NULLs alike); aggregates above see its members. Without
 * keys exactly one scope, also of nothing.
 *
 * With `sets` the scopes of several groupings, one after another: each set is the places in `keys`
 * of its own keys, and above it the others are NULL.
 */
export interface Group extends Carried {
  readonly _tag: "Group"
  readonly self: Relation
  readonly keys: ReadonlyArray<Scalar>
  readonly sets: ReadonlyArray<ReadonlyArray<number>> | null
}

/** The result row: `shape` builds it from the values of `fields`. */
export interface Project extends Carried {
  readonly _tag: "Project"
  readonly self: Relation
  readonly fields: ReadonlyArray<Scalar>
  readonly shape: RowShape
}

/** Each result row once, NULLs alike; of the scope only projected expressions stay. */
export interface Distinct extends Carried {
  readonly _tag: "Distinct"
  readonly self: Relation
}

/**
 * Of the scopes alike in the first `keys` sort keys of the `Order` below, NULLs too, the first by
 * that order. Law L6.
 */
export interface DistinctOn extends Carried {
  readonly _tag: "DistinctOn"
  readonly self: Relation
  /** How many sort keys; none of them leaves the first scope of all. */
  readonly keys: number
}

/** Sorted by the keys in turn; ties in no promised order. */
export interface Order extends Carried {
  readonly _tag: "Order"
  readonly self: Relation
  readonly keys: ReadonlyArray<Scalar>
  readonly directions: ReadonlyArray<Direction>
}

/**
 * Without the first `offset` scopes, at most `limit` of the rest. With `ties` also those after them
 * that sort as the last of them does. With `percent`, `limit` is a part of all rows in hundredths,
 * rounded up, and there is no offset. Law L8.
 */
export interface Slice extends Carried {
  readonly _tag: "Slice"
  readonly self: Relation
  /** Null is no limit. */
  readonly limit: Scalar | null
  readonly offset: Scalar | null
  /** Above an order, which `DistinctOn` and `Slice` pass on, with a limit. */
  readonly ties: boolean
  readonly percent: boolean
}

/**
 * Result rows of several queries combined by position; `union`, `intersect` and `except` give each
 * row once, `intersectAll` as often as the part that has it least often, `exceptAll` as often as
 * the first has it more often than the second. Laws L6, L7. The scope is that of the first part's
 * projected expressions. Left-associative.
 */
export interface Combine extends Carried {
  readonly _tag: "Combine"
  readonly op: CombineOperator
  readonly parts: ReadonlyArray<Relation>
}

/**
 * The result rows of `base`, then those of `step` over the rows found last, until it finds none.
 * `distinct` gives each row once: a row found before is not found again. Only a common table
 * expression's query is one. Law L16.
 */
export interface Recursion extends Carried {
  readonly _tag: "Recursion"
  readonly source: SelfSource
  readonly base: Relation
  /** A projection over filters and joins in which `source` stands once and is never absent. */
  readonly step: Relation
  readonly distinct: boolean
}

/**
 * The rows of `self`, its base tables' rows locked until the transaction ends. It changes no row,
 * but that `skip locked` leaves out those others hold. The outermost node of a query.
 */
export interface Lock extends Carried {
  readonly _tag: "Lock"
  readonly self: Relation
  readonly strength: LockStrength
  /** Null waits. */
  readonly wait: LockWait | null
  /** Aliases of the base tables whose rows are locked; empty for all of them. */
  readonly of: ReadonlyArray<string>
}

/** The rows of `self`: a hint changes none. Above all nodes of a query but other hints. */
export interface Hint extends Carried {
  readonly _tag: "Hint"
  readonly self: Relation
  readonly hint: HintForm
}

/** What each row of a list is: of every column a NULL of its type, and how a row is built. */
export interface ValuesRow {
  readonly fields: ReadonlyArray<Scalar>
  readonly shape: RowShape
  /** Keys of fields that no two rows of a list agree on, where its maker knows of some. */
  readonly unique?: ReadonlyArray<string>
}

/** The rows of a list, in no promised order, without a scope: VALUES. Law L6. */
export interface Values extends Carried {
  readonly _tag: "Values"
  readonly row: ValuesRow
  /** Cell after cell, row after row. */
  readonly cells: ReadonlyArray<Scalar>
}

/** A user's function of tables by name, and what it reads. */
export interface CalledTable {
  /** Null where the dialect has none. */
  readonly names: Readonly<Record<DialectName, string | null>>
  /** The caller says the columns and their types: `AS t (id integer, …)`. */
  readonly declares: boolean
  /** One value a row, which the function has no name for. */
  readonly bare: boolean
  /** The tables it reads; null where nobody said. */
  readonly tables: ReadonlyArray<TableSource> | null
}

/**
 * The rows a function gives, in no promised order, without a scope. Beside its columns each row has
 * its place among the others, from 1, under the last key of its shape.
 */
export interface TableFunction extends Carried {
  readonly _tag: "TableFunction"
  readonly name: TableFunctionName
  readonly args: ReadonlyArray<Scalar>
  readonly row: ValuesRow
  readonly called: CalledTable | null
}

/**
 * About `percent` of a table's rows: each by itself (`bernoulli`), or whole pages of them. With a
 * `seed` the same ones each time, as long as the table does not change.
 */
export interface Sample extends Carried {
  readonly _tag: "Sample"
  readonly method: "bernoulli" | "system"
  readonly self: Relation
  readonly percent: Scalar
  readonly seed: Scalar | null
}

/**
 * A user's node over one relation: printed between literal parts per dialect, or instead of it.
 */
export interface CustomRelation extends Carried {
  readonly _tag: "CustomRelation"
  /** `self` only says the columns; the rows are those of the text. */
  readonly replaces: boolean
  /** The tables the text reads beside those of its children; null where nobody said. */
  readonly tables: ReadonlyArray<TableSource> | null
  readonly name: string
  readonly self: Relation
  readonly args: ReadonlyArray<Scalar>
  readonly print: Readonly<Record<DialectName, ReadonlyArray<string> | null>>
}

// Commands

/** What an insert does instead with a row whose key is there already. */
export interface Conflict {
  /** Column keys of that key; empty for any key of the table. */
  readonly target: ReadonlyArray<string>
  /**
   * The condition of the partial index that is the key, in literal values; null for a key of all
   * rows.
   */
  readonly partial: Scalar | null
  /** Column keys that get `changes`; empty leaves the row as it is. */
  readonly columns: ReadonlyArray<string>
}

/**
 * Adds rows. `cells` holds the rows one after another, `columns.length` cells a row; a column that
 * is absent takes its server's default. Without columns one row of defaults. With `rows` they are
 * those of a query, its fields the columns in their order.
 *
 * With a `conflict`, row after row: where a row with the proposed key is there already, that one is
 * changed, if `condition` is TRUE of it and the proposed one.
 */
export interface Insert extends Carried {
  readonly _tag: "Insert"
  readonly table: TableSource
  /** Column keys. */
  readonly columns: ReadonlyArray<string>
  readonly cells: ReadonlyArray<Scalar>
  readonly rowCount: number
  readonly rows: Relation | null
  readonly conflict: Conflict | null
  readonly changes: ReadonlyArray<Scalar>
  readonly condition: Scalar | null
  /** What it gives back comes in the order of its rows. */
  readonly ordered: boolean
  readonly returned: ReadonlyArray<Scalar>
  readonly shape: RowShape | null
}

/**
 * Changes the rows for which `where` is TRUE; expressions see the row as it was.
 *
 * With `from`, the rows that have a scope of it for which `where` is TRUE, each once. Where several
 * scopes match, the row gets the least of their tuples of values, compared from the first column
 * on, NULL the least of all. `row` is a query of at most one row, NULL without one, whose fields
 * are the values of `rowColumns`. With `limit`, the first so many rows by `order`.
 */
export interface Update extends Carried {
  readonly _tag: "Update"
  readonly table: TableSource
  readonly alias: string
  readonly columns: ReadonlyArray<string>
  readonly values: ReadonlyArray<Scalar>
  readonly rowColumns: ReadonlyArray<string>
  readonly row: Relation | null
  /** Aliases of `from` whose rows are changed too: the columns behind those of the table's own. */
  readonly also: ReadonlyArray<Also>
  readonly from: Relation | null
  readonly where: Scalar
  readonly order: ReadonlyArray<Scalar>
  readonly directions: ReadonlyArray<Direction>
  readonly limit: Scalar | null
  readonly returned: ReadonlyArray<Scalar>
  readonly shape: RowShape | null
}

/** Another table an update changes or a delete removes rows of. */
export interface Also {
  readonly alias: string
  readonly table: TableSource
  /** Column keys, their values behind those of the tables before; none in a delete. */
  readonly columns: ReadonlyArray<string>
}

/**
 * Removes the rows for which `where` is TRUE; with `using`, those that have a scope of it for which
 * it is. With `limit`, the first so many by `order`.
 */
export interface Delete extends Carried {
  readonly _tag: "Delete"
  readonly table: TableSource
  readonly alias: string
  readonly also: ReadonlyArray<Also>
  readonly using: Relation | null
  readonly where: Scalar
  readonly order: ReadonlyArray<Scalar>
  readonly directions: ReadonlyArray<Direction>
  readonly limit: Scalar | null
  readonly returned: ReadonlyArray<Scalar>
  readonly shape: RowShape | null
}

/**
 * What a merge does where a row of the table goes with one of the source, where one of the source
 * goes with none, or where one of the table does.
 */
export interface When {
  readonly match: "matched" | "not matched" | "not matched by source"
  readonly does: "update" | "delete" | "insert" | "nothing"
  /** Column keys that get values. */
  readonly columns: ReadonlyArray<string>
}

/**
 * Brings a table in line with a source: the first of `whens` that is of a row's kind and whose
 * condition is TRUE says what becomes of it. `conditions` has one for each, `values` those of their
 * columns, one `when` after the other.
 *
 * Expressions see the rows as they were. That two rows of the source change one row of the table is
 * an error.
 */
export interface Merge extends Carried {
  readonly _tag: "Merge"
  readonly table: TableSource
  readonly alias: string
  readonly using: Relation
  readonly on: Scalar
  readonly whens: ReadonlyArray<When>
  readonly conditions: ReadonlyArray<Scalar>
  readonly values: ReadonlyArray<Scalar>
  /** Of a row that is removed, the row as it was. */
  readonly returned: ReadonlyArray<Scalar>
  readonly shape: RowShape | null
}

/** A function from a database to a database and the rows it returns. */
export type Command = Insert | Update | Delete | Merge
