/** What a name of a capability says no to, and a manual that has it. */
type Manual = readonly [says: string, manual: string]

const sqlite = (page: string): string => `https://sqlite.org/${page}.html`
const postgres = (page: string): string => `https://www.postgresql.org/docs/current/${page}.html`
const mariadb = (page: string): string => `https://mariadb.com/kb/en/${page}/`
const mysql = (page: string): string => `https://dev.mysql.com/doc/refman/8.4/en/${page}.html`

const types = mariadb("data-types")
const limits = sqlite("limits")

/** What refuses a statement, its parts or what a connection is asked for, beside the fixed list. */
export const manuals: Readonly<Record<string, Manual>> = {
  advisoryLocks: ["a lock of a name", sqlite("lang_transaction")],
  affinities: ["a column declared NUMERIC, of no type", postgres("datatype")],
  aggregateOrder: ["an order inside an aggregate, before SQLite 3.44", sqlite("lang_aggfunc")],
  aggregateWindow: ["texts or JSON joined over a window", mariadb("window-functions-overview")],
  alterConstraint: ["a constraint changed in its place", sqlite("lang_altertable")],
  notValid: ["a rule that does not bind the rows that are there", sqlite("lang_altertable")],
  moveToSchema: ["ALTER … SET SCHEMA, or RENAME TABLE", sqlite("lang_attach")],
  transactionBounds: [
    "a script that begins or ends a transaction inside one",
    mariadb("transactions")
  ],
  alterTable: ["a table changed in a way that needs it made anew", sqlite("lang_altertable")],
  ambiguousUpdate: [
    "an update of a row that several rows of another table match",
    sqlite("lang_update")
  ],
  anyNumeric: ["a decimal of no precision", postgres("datatype-numeric")],
  beginMode: ["a transaction that takes its lock when it begins", postgres("sql-begin")],
  betweenSymmetric: ["BETWEEN SYMMETRIC of what may answer twice differently", sqlite("lang_expr")],
  bitType: ["strings of bits", sqlite("datatype3")],
  bitXor: ["XOR of what may answer twice differently", sqlite("lang_expr")],
  cast: ["a cast the server has not, or does by other rules", mariadb("cast")],
  characterSets: ["a set of characters of a column's own", postgres("multibyte")],
  cidrType: ["networks", types],
  citextType: ["texts compared without case, of a type of their own", types],
  collate: [
    "a collation whose name differs from server to server",
    mariadb("supported-character-sets-and-collations")
  ],
  cursorElsewhere: [
    "another query, or another database, for a cursor that is open",
    postgres("sql-declare")
  ],
  commandCursor: ["a cursor over what a command gives back", postgres("sql-declare")],
  conflictDefault: ["DEFAULT in an upsert with a condition", mysql("insert-on-duplicate")],
  conflictSubquery: ["a query among an upsert's new values", mysql("insert-on-duplicate")],
  connections: ["a statement outside of the one transaction of a connection", sqlite("inmemorydb")],
  copy: ["COPY", mariadb("load-data-infile")],
  correlatedArm: [
    "a column of an outer query in an outer join of a third arm",
    mariadb("subquery-limitations")
  ],
  correlatedDerived: [
    "a column of an outer query in a derived table",
    mariadb("subquery-limitations")
  ],
  deferrableTransactions: [
    "a transaction that waits for a snapshot without conflicts",
    mariadb("set-transaction")
  ],
  deleteAlias: ["DELETE FROM a table under an alias", sqlite("lang_delete")],
  distinctStringAggregate: ["a separator between distinct texts", sqlite("lang_aggfunc")],
  distinctWindow: ["DISTINCT in an aggregate over a window", postgres("sql-expressions")],
  enumType: ["a type of named values", sqlite("datatype3")],
  exclusionConstraints: ["EXCLUDE", mariadb("create-table")],
  filteredJsonAggregate: ["a JSON array of some of the rows", mysql("aggregate-functions")],
  fullJoinCondition: [
    "a full join over what cannot be merged or hashed",
    postgres("queries-table-expressions")
  ],
  groupingSets: ["grouping sets over what may answer twice differently", mariadb("group-by")],
  hstoreType: ["hstore", types],
  identity: ["how an identity column counts", sqlite("autoinc")],
  indexIfNotExists: ["CREATE INDEX IF NOT EXISTS", mysql("create-index")],
  inetType: ["addresses of hosts", mysql("data-types")],
  isolationLevel: ["a level of isolation the server has not", sqlite("isolation")],
  joinAcrossDatabases: [
    "a statement over tables of several databases",
    postgres("manage-ag-overview")
  ],
  jsonEdit: ["an edit of a document that the server has not", mariadb("json-functions")],
  jsonElement: ["a value that JSON of the server has no form for", sqlite("json1")],
  jsonEquality: ["a document compared as a whole", mariadb("json-data-type")],
  jsonObjectAggregate: ["a key of a JSON object that is drawn", postgres("functions-aggregate")],
  jsonPlace: [
    "a place in a document that may answer twice differently",
    mariadb("jsonpath-expressions")
  ],
  jsonRows: ["rows of a document that may answer twice differently", mariadb("json_table")],
  jsonTable: ["JSON_TABLE, before MariaDB 10.6", mariadb("json_table")],
  jsonpathType: ["paths in documents as values", types],
  keyLength: ["a key of more bytes than an index holds", mariadb("innodb-limitations")],
  limitExpression: ["LIMIT and OFFSET of a number that is computed", mysql("select")],
  limitedWrite: ["a write of the first rows of a table without a key", postgres("sql-update")],
  listParameter: ["a list whose length is known when it runs", mariadb("prepare-statement")],
  literal: ["a NUL character in a literal", postgres("datatype-character")],
  lockAbsent: ["a lock of a side of an outer join that may be absent", postgres("sql-select")],
  lockNested: ["a lock of rows said in a derived table", postgres("sql-select")],
  lockedTies: ["SKIP LOCKED beside WITH TIES", postgres("sql-select")],
  lockedWindow: ["a lock beside a window function", postgres("sql-select")],
  lockedWrite: ["a lock in a statement of which a part writes", postgres("queries-with")],
  macaddrType: ["addresses of network cards", types],
  materializedHint: ["MATERIALIZED of a common table expression", mariadb("with")],
  maxCompoundTerms: ["a set operation of too many parts", limits],
  maxDepth: ["a statement nested too deep", limits],
  maxParameters: ["too many parameters of one statement", limits],
  maxTables: ["a join of too many tables", limits],
  mergeBySource: [
    "MERGE of rows that the source lacks, before PostgreSQL 17",
    postgres("sql-merge")
  ],
  mergeRecursion: ["WITH RECURSIVE before MERGE", postgres("sql-merge")],
  moneyType: ["money", types],
  namedTypes: ["CREATE TYPE", mariadb("create-table")],
  notifications: ["LISTEN and NOTIFY", mariadb("sql-statements")],
  nowait: ["NOWAIT", mariadb("wait-and-nowait")],
  nullsPlacement: ["NULLs moved in a range with an offset", mariadb("window-frames")],
  numericDivision: ["a quotient of decimals held as whole numbers", sqlite("datatype3")],
  numericMix: ["a decimal held as a whole number beside what is none", sqlite("datatype3")],
  numericProduct: ["a product of more digits after the point than there are", mariadb("decimal")],
  numericScale: ["decimals of two scales in one place", sqlite("datatype3")],
  oidType: ["oid", types],
  openTransaction: ["another mode of a transaction that is open", postgres("sql-set-transaction")],
  orderedDistinct: [
    "an order of distinct values read through an expression",
    postgres("sql-select")
  ],
  orderedWindow: ["an ordered aggregate over a window", postgres("sql-expressions")],
  parameters: ["a parameter in a schema statement", postgres("sql-prepare")],
  placeholders: ["raw SQL that holds a placeholder of its own", postgres("sql-prepare")],
  policy: ["what a policy cannot look into: raw SQL, a view", postgres("ddl-rowsecurity")],
  policyCheck: [
    "a policy over a value that is not known when the row is written",
    postgres("ddl-rowsecurity")
  ],
  quantifiedList: ["ANY and ALL of a list, but IN", sqlite("lang_expr")],
  quantifiedQuery: ["ANY and ALL of what may answer twice differently", sqlite("lang_expr")],
  quot: ["a whole quotient of values that are not whole", postgres("functions-math")],
  readsWrittenTable: [
    "a write that reads its own table in a subquery",
    mariadb("subquery-limitations")
  ],
  realType: ["numbers of four bytes", sqlite("datatype3")],
  recursiveWindow: ["a window in the step of a recursion", sqlite("lang_with")],
  rem: ["a remainder of values that are not whole", postgres("functions-math")],
  returningAlias: [
    "RETURNING under an alias, beside a query that calls another table by the table's name",
    sqlite("lang_returning")
  ],
  searchTypes: ["tsvector and tsquery", types],
  separatorParameter: ["a separator that is no plain text", mariadb("group_concat")],
  series: [
    "a series between values that may answer twice differently",
    mariadb("sequence-storage-engine")
  ],
  server: ["what the server itself says it does not support", postgres("errcodes-appendix")],
  setType: ["SET of named values", postgres("datatype")],
  simultaneousAssignment: ["assignments that read each other", mariadb("update")],
  sizedTexts: ["TINYTEXT to LONGTEXT", postgres("datatype-character")],
  strictTables: ["a column of a type that a strict table has no word for", sqlite("stricttables")],
  systemColumns: ["columns of the server's own", sqlite("rowidtable")],
  tableFunctions: ["the rows of a user's function", mariadb("create-function")],
  temporaryTableList: ["a list of temporary tables", mariadb("information-schema-tables-table")],
  text: [
    "an object of one's own text that is not written for the dialect",
    postgres("sql-createfunction")
  ],
  textKey: ["a key over a text without a length", mariadb("create-table")],
  triggeredReturning: [
    "RETURNING of a column that a trigger sets afterwards",
    sqlite("lang_returning")
  ],
  timeWithTimeZone: ["a time of day with its zone", types],
  timestampWithoutZone: ["a moment of no zone", sqlite("lang_datefunc")],
  transactionalDdl: [
    "a schema change inside a transaction",
    mariadb("sql-statements-that-cause-an-implicit-commit")
  ],
  tryCast: ["a cast that gives NULL for what it cannot read", postgres("sql-expressions")],
  tuples: ["an order of tuples that may answer twice differently", mariadb("subquery-limitations")],
  typeIfNotExists: ["CREATE TYPE IF NOT EXISTS", postgres("sql-createtype")],
  unconnected: [
    "sources that no condition connects, where that is refused",
    postgres("queries-table-expressions")
  ],
  unorderedWindows: [
    "lag, lead, ntile or an offset over an order of constants",
    mariadb("window-functions-overview")
  ],
  unsignedIntegers: ["numbers without a sign", postgres("datatype-numeric")],
  upsert: ["ON CONFLICT, before SQLite 3.24", sqlite("lang_upsert")],
  viewIfNotExists: ["CREATE VIEW IF NOT EXISTS", postgres("sql-createview")],
  windows: ["window functions, before SQLite 3.25", sqlite("windowfunctions")],
  withCommands: [
    "a common table expression before a command that may answer twice differently",
    mariadb("with")
  ],
  yearType: ["YEAR", postgres("datatype-datetime")]
}
