/**
 * The four servers athanor speaks to. MariaDB and MySQL share a driver and differ in capabilities.
 *
 * @category models
 */
export type DialectName = "sqlite" | "postgres" | "mysql" | "mariadb"

/** Every dialect, in the order reports list them. */
export const dialectNames: ReadonlyArray<DialectName> = ["sqlite", "postgres", "mysql", "mariadb"]

/**
 * A server's version as numbers, `[major, minor, patch]`.
 *
 * @category models
 */
export type Version = readonly [major: number, minor: number, patch: number]

/**
 * What a server of one dialect and version can do, as data.
 *
 * **Shape** one table per dialect and version lives in `compile`; a node that needs more than the
 * table grants is emulated or refused with the name of the field.
 *
 * @category models
 */
export interface Capabilities {
  readonly dialect: DialectName
  readonly version: Version
  /** INSERT … RETURNING. */
  readonly insertReturning: boolean
  /** UPDATE … RETURNING. */
  readonly updateReturning: boolean
  /** DELETE … RETURNING. */
  readonly deleteReturning: boolean
  /** A list as one array-like parameter: `= ANY($1)`, `json_each(?)`; else padded placeholders. */
  readonly listParameter: "array" | "json" | "expand"
  /** INTERSECT and EXCEPT. */
  readonly intersectExcept: boolean
  /** INTERSECT ALL and EXCEPT ALL; else the rows are numbered. */
  readonly setOperationsAll: boolean
  /** VALUES after a SELECT, each of its values whole; else rows are selected one by one. */
  readonly valuesRows: boolean
  /** SELECT DISTINCT ON; else the rows are numbered. */
  readonly distinctOn: boolean
  /** FETCH FIRST … ROWS WITH TIES; else the rows are ranked. */
  readonly withTies: boolean
  /** TABLESAMPLE. */
  readonly tableSample: boolean
  /** A set operation's arm may be a parenthesised query with its own ORDER BY and LIMIT. */
  readonly parenthesisedArms: boolean
  /** NULLS FIRST and NULLS LAST; else emulated by a leading IS NULL key. */
  readonly nullsPlacement: boolean
  /** Where NULL sorts in ascending order when nothing is said. */
  readonly nullsAre: "smallest" | "largest"
  /** A derived table may refer to an outer query's tables from inside a subquery's FROM. */
  readonly correlatedDerived: boolean
  /** Literal TRUE and FALSE and a boolean type of its own. */
  readonly booleans: boolean
  /** ALTER TABLE … ADD CONSTRAINT, needed to break cycles of foreign keys. */
  readonly alterConstraint: boolean
  /** Indexes of expressions. */
  readonly expressionIndexes: boolean
  /** Columns that are computed when they are read. */
  readonly virtualColumns: boolean
  /** CREATE TYPE … AS ENUM and CREATE DOMAIN. */
  readonly namedTypes: boolean
  /** CREATE TEMPORARY VIEW. */
  readonly temporaryViews: boolean
  /** CREATE MATERIALIZED VIEW. */
  readonly materializedViews: boolean
  /** Two rows with a NULL in the same place clash: NULLS NOT DISTINCT. */
  readonly nullsNotDistinct: boolean
  /** Comments are statements of their own, stand in definitions, or are not kept. */
  readonly comments: "statements" | "inline" | "none"
  /** CREATE and DROP take part in transactions. */
  readonly transactionalDdl: boolean
  /** Parameters of one statement. */
  readonly maxParameters: number
  /** Length of an identifier and how it is counted. */
  readonly maxIdentifier: { readonly length: number; readonly unit: "bytes" | "characters" }
  /** Terms of one compound SELECT. */
  readonly maxCompoundTerms: number
  /** Depth of nesting of expressions and queries the parser takes. */
  readonly maxDepth: number
  /** Tables joined in one SELECT. */
  readonly maxTables: number
  /** RIGHT JOIN; else said as a left join from the other side. */
  readonly rightJoin: boolean
  /** FULL JOIN; else said as a left join and the unmatched rows of the other side. */
  readonly fullJoin: boolean
  /** Documents are equal by what they hold; else a server compares their texts. */
  readonly jsonEquality: boolean
  /** A derived table may refer to the tables before it in FROM: LATERAL. */
  readonly lateral: boolean
  /** Division by zero gives NULL; else it is an error and the divisor is guarded. */
  readonly divisionByZeroIsNull: boolean
  /** A query with LIMIT may stand on the right of IN; else inside one more derived table. */
  readonly limitInsideIn: boolean
  /** DELETE FROM t AS a. */
  readonly deleteAlias: boolean
  /** Assignments of one UPDATE see the row as it was; else each sees the ones before it. */
  readonly simultaneousAssignment: boolean
  /** HAVING and SELECT may say a grouping expression again; else only columns are grouped by. */
  readonly groupsByExpression: boolean
  /** Grouped by a table's key, its other columns need no grouping. */
  readonly groupsByKey: boolean
  /**
   * WITH before INSERT, UPDATE and DELETE; else common table expressions are written where they are
   * used.
   */
  readonly withCommands: boolean
  /** A scalar subquery of several rows is an error; else it is made one. */
  readonly severalRowsFail: boolean
  /** AS MATERIALIZED and AS NOT MATERIALIZED; else the hint is not written. */
  readonly materializedHint: boolean
  /** FOR UPDATE; else a plain lock is not written, and a lock of choice is refused. */
  readonly rowLocks: boolean
  /** FOR NO KEY UPDATE and FOR KEY SHARE. */
  readonly keyLocks: boolean
  /** FOR SHARE; else LOCK IN SHARE MODE. */
  readonly forShare: boolean
  /** FOR UPDATE OF a table. */
  readonly lockOf: boolean
  /** NOWAIT. */
  readonly nowait: boolean
  /** SKIP LOCKED. */
  readonly skipLocked: boolean
  /** Rows of the absent side of an outer join may be asked to be locked. */
  readonly lockAbsent: boolean
  /** A command may read the table it writes in a subquery. */
  readonly readsWrittenTable: boolean
  /** A row of defaults: INSERT … DEFAULT VALUES, or () VALUES (). */
  readonly defaultRow: "default values" | "empty tuple"
  /** ILIKE; else both sides in lower case. */
  readonly ilike: boolean
  /** BETWEEN SYMMETRIC; else two BETWEEN. */
  readonly betweenSymmetric: boolean
  /**
   * Bits of integers are those of their own type; else of BIGINT UNSIGNED, or of 64 bits without an
   * operator for XOR.
   */
  readonly bits: "own" | "signed64" | "unsigned64"
  /** Comparison with ANY and ALL of a query; else said with its least and its greatest. */
  readonly quantifiedQuery: boolean
  /**
   * Tuples are compared by the server, NULL among their parts included, and may hold a query where
   * they are sought in one; else they are compared part by part.
   */
  readonly tuples: boolean
  /** NULL sought in a query's rows is unknown however often the statement runs. */
  readonly nullMembership: boolean
  /** A named list as one JSON text read by a function of tables; else as `listParameter` says. */
  readonly jsonTable: boolean
  /** Rows of an insert may be given as one list a column, each one parameter. */
  readonly rowsOfLists: boolean
  /** VALUES and SET may hold the keyword DEFAULT; else what it stands for is written. */
  readonly defaultKeyword: boolean
  /** ON CONFLICT over a named key, or ON DUPLICATE KEY UPDATE over whichever key was hit. */
  readonly upsert: "conflict" | "duplicate" | "none"
  /** Indexes of the rows of a condition. */
  readonly partialIndexes: boolean
  /** UPDATE … FROM, UPDATE … JOIN, or subqueries that say the same. */
  readonly updateFrom: "from" | "join" | "subquery"
  /** DELETE … USING, DELETE t FROM t JOIN …, or EXISTS. */
  readonly deleteUsing: "using" | "join" | "subquery"
  /** UPDATE and DELETE with ORDER BY and LIMIT; else by key. */
  readonly limitedWrite: boolean
  /** SET (a, b) = (SELECT …). */
  readonly rowAssignment: boolean
  /** One UPDATE sets columns of several tables. */
  readonly multiTableUpdate: boolean
  /** One DELETE removes rows of several tables. */
  readonly multiTableDelete: boolean
  /** INSERT, UPDATE, DELETE and MERGE … RETURNING in WITH. */
  readonly dataModifyingCte: boolean
  /** MERGE. */
  readonly merge: boolean
  /** MERGE … RETURNING. */
  readonly mergeReturning: boolean
  /** WHEN NOT MATCHED BY SOURCE in a MERGE. */
  readonly mergeBySource: boolean
  /** GROUP BY GROUPING SETS; else a union of groupings. */
  readonly groupingSets: boolean
  /** FILTER (WHERE …) after an aggregate; else CASE inside it. */
  readonly aggregateFilter: boolean
  /** ORDER BY inside an aggregate. */
  readonly aggregateOrder: boolean
  /** Percentiles as aggregates: the standard's WITHIN GROUP, or functions of two arguments. */
  readonly percentiles: "within group" | "functions" | null
  /** OVER. */
  readonly windows: boolean
  /** lag, lead, rank and their like without an order, or by a constant. */
  readonly unorderedWindows: boolean
  /** Frames in groups of rows that sort alike. */
  readonly groupsFrame: boolean
  /** EXCLUDE in a frame. */
  readonly frameExclusion: boolean
  /** A frame's offset may be a parameter; else it is written into the text. */
  readonly frameParameter: boolean
  /** A third argument of lag and lead. */
  readonly lagDefault: boolean
  /** Arrays as a type of columns and values. */
  readonly arrays: boolean
  /** Ranges as types of columns and values. */
  readonly ranges: boolean
  /** Several ranges as one value. */
  readonly multiranges: boolean
  /** Intervals as a type of columns and values. */
  readonly intervals: boolean
  /** percent_rank and cume_dist give all digits of a double; else they are reckoned from counts. */
  readonly exactDistributions: boolean
}

/**
 * A typed "cannot": the construct a statement asks for and the capability the server lacks.
 *
 * **Shape** data only; `effects` turns it into the error `Unsupported`, or `TooManyParameters`.
 *
 * @category models
 */
export interface Refusal {
  readonly _tag: "Refusal"
  readonly dialect: DialectName
  /** Name of the capability, from `Capabilities` or the construct's own name. */
  readonly capability: string
  /** One line: what was asked for. */
  readonly construct: string
  /** Where a limit was passed: how many there were, and how many there may be. */
  readonly exceeded?: { readonly count: number; readonly limit: number }
  /** The first version that can; absent where none is known to. */
  readonly since?: Version
}

/** Whether a version is another or a later one. */
export const atLeast = (version: Version, major: number, minor: number, patch = 0): boolean =>
  version[0] !== major
    ? version[0] > major
    : version[1] !== minor
      ? version[1] > minor
      : version[2] >= patch
