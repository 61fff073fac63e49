import { atLeast, type Capabilities, type DialectName, type Version } from "../algebra/Dialect.ts"

/** The versions the tables below are written for when nobody says which server it is. */
export const currentVersions: Readonly<Record<DialectName, Version>> = {
  sqlite: [3, 53, 0],
  postgres: [17, 0, 0],
  mysql: [8, 4, 0],
  mariadb: [10, 11, 0]
}

/** Of servers without MERGE, or with queries alone in WITH. */
const noWritingParts = {
  dataModifyingCte: false,
  merge: false,
  mergeReturning: false,
  mergeBySource: false
} as const

type Locks = Pick<
  Capabilities,
  "rowLocks" | "keyLocks" | "forShare" | "lockOf" | "nowait" | "skipLocked" | "lockAbsent"
>

const noLocks: Locks = {
  rowLocks: false,
  keyLocks: false,
  forShare: false,
  lockOf: false,
  nowait: false,
  skipLocked: false,
  lockAbsent: false
}

const everyLock: Locks = {
  rowLocks: true,
  keyLocks: true,
  forShare: true,
  lockOf: true,
  nowait: true,
  skipLocked: true,
  lockAbsent: false
}

const mysqlLocks = (version: Version): Locks => ({
  rowLocks: true,
  keyLocks: false,
  forShare: atLeast(version, 8, 0, 1),
  lockOf: atLeast(version, 8, 0, 1),
  nowait: atLeast(version, 8, 0, 1),
  skipLocked: atLeast(version, 8, 0, 1),
  lockAbsent: true
})

type Types = Pick<Capabilities, "jsonEquality" | "arrays" | "ranges" | "multiranges" | "intervals">

const plainTypes: Types = {
  jsonEquality: false,
  arrays: false,
  ranges: false,
  multiranges: false,
  intervals: false
}

const richTypes = (version: Version): Types => ({
  jsonEquality: true,
  arrays: true,
  ranges: true,
  multiranges: atLeast(version, 14, 0),
  intervals: true
})

/** Set operations, lists and samples of all versions. */
const rowsOf = {
  sqlite: {
    intersectExcept: true,
    setOperationsAll: false,
    valuesRows: true,
    tableSample: false,
    parenthesisedArms: false
  },
  postgres: {
    intersectExcept: true,
    setOperationsAll: true,
    valuesRows: true,
    tableSample: true,
    parenthesisedArms: true
  },
  // MariaDB 10.11 cuts a text of VALUES to the length of the first one; MySQL is not trusted more.
  mysql: { valuesRows: false, tableSample: false }
} as const

/** What a schema may say and do. */
const schemaOf = {
  sqlite: (version: Version) => ({
    alterConstraint: false,
    nullsNotDistinct: false,
    comments: "none" as const,
    virtualColumns: atLeast(version, 3, 31),
    expressionIndexes: true,
    namedTypes: false,
    temporaryViews: true,
    materializedViews: false,
    transactionalDdl: true
  }),
  postgres: (version: Version) => ({
    alterConstraint: true,
    nullsNotDistinct: atLeast(version, 15, 0),
    comments: "statements" as const,
    virtualColumns: atLeast(version, 18, 0),
    expressionIndexes: true,
    namedTypes: true,
    temporaryViews: true,
    materializedViews: true,
    transactionalDdl: true
  }),
  mysql: (version: Version) => ({
    alterConstraint: true,
    nullsNotDistinct: false,
    comments: "inline" as const,
    virtualColumns: true,
    expressionIndexes: atLeast(version, 8, 0, 13),
    namedTypes: false,
    temporaryViews: false,
    materializedViews: false,
    transactionalDdl: false
  })
} as const

const sqlite = (version: Version): Capabilities => ({
  dialect: "sqlite",
  version,
  insertReturning: atLeast(version, 3, 35),
  updateReturning: atLeast(version, 3, 35),
  deleteReturning: atLeast(version, 3, 35),
  listParameter: "json",
  ...rowsOf.sqlite,
  distinctOn: false,
  withTies: false,
  nullsPlacement: atLeast(version, 3, 30),
  nullsAre: "smallest",
  correlatedDerived: true,
  booleans: false,
  ...schemaOf.sqlite(version),
  maxParameters: 32_766,
  maxIdentifier: { length: 255, unit: "bytes" },
  maxCompoundTerms: 500,
  // SQLITE_MAX_EXPR_DEPTH is 1,000; some are left for what emulation adds.
  maxDepth: 900,
  maxTables: 64,
  rightJoin: atLeast(version, 3, 39),
  fullJoin: atLeast(version, 3, 39),
  lateral: false,
  divisionByZeroIsNull: true,
  limitInsideIn: true,
  deleteAlias: true,
  ...noLocks,
  severalRowsFail: false,
  materializedHint: atLeast(version, 3, 35),
  withCommands: true,
  groupsByExpression: true,
  groupsByKey: true,
  simultaneousAssignment: true,
  readsWrittenTable: true,
  defaultRow: "default values",
  quantifiedQuery: false,
  tuples: true,
  nullMembership: true,
  jsonTable: false,
  rowsOfLists: false,
  ilike: false,
  betweenSymmetric: false,
  bits: "signed64",
  defaultKeyword: false,
  upsert: atLeast(version, 3, 24) ? "conflict" : "none",
  partialIndexes: true,
  updateFrom: atLeast(version, 3, 33) ? "from" : "subquery",
  deleteUsing: "subquery",
  // Only where it was built with SQLITE_ENABLE_UPDATE_DELETE_LIMIT.
  limitedWrite: false,
  rowAssignment: atLeast(version, 3, 15),
  multiTableUpdate: false,
  multiTableDelete: false,
  ...noWritingParts,
  groupingSets: false,
  aggregateFilter: atLeast(version, 3, 30),
  aggregateOrder: atLeast(version, 3, 44),
  percentiles: atLeast(version, 3, 51) ? "functions" : null,
  windows: atLeast(version, 3, 28),
  unorderedWindows: true,
  groupsFrame: atLeast(version, 3, 28),
  frameExclusion: atLeast(version, 3, 28),
  frameParameter: true,
  lagDefault: true,
  exactDistributions: true,
  ...plainTypes
})

const postgres = (version: Version): Capabilities => ({
  dialect: "postgres",
  version,
  insertReturning: true,
  updateReturning: true,
  deleteReturning: true,
  listParameter: "array",
  ...rowsOf.postgres,
  distinctOn: true,
  withTies: atLeast(version, 13, 0),
  nullsPlacement: true,
  nullsAre: "largest",
  correlatedDerived: true,
  booleans: true,
  ...schemaOf.postgres(version),
  maxParameters: 65_535,
  maxIdentifier: { length: 63, unit: "bytes" },
  maxCompoundTerms: 1_000,
  maxDepth: 900,
  maxTables: 1_000,
  rightJoin: true,
  fullJoin: true,
  lateral: true,
  divisionByZeroIsNull: false,
  limitInsideIn: true,
  deleteAlias: true,
  ...everyLock,
  severalRowsFail: true,
  materializedHint: atLeast(version, 12, 0),
  withCommands: true,
  groupsByExpression: true,
  groupsByKey: true,
  simultaneousAssignment: true,
  readsWrittenTable: true,
  defaultRow: "default values",
  quantifiedQuery: true,
  tuples: true,
  nullMembership: true,
  jsonTable: false,
  rowsOfLists: true,
  ilike: true,
  betweenSymmetric: true,
  bits: "own",
  defaultKeyword: true,
  upsert: "conflict",
  partialIndexes: true,
  updateFrom: "from",
  deleteUsing: "using",
  limitedWrite: false,
  rowAssignment: true,
  multiTableUpdate: false,
  multiTableDelete: false,
  dataModifyingCte: true,
  merge: atLeast(version, 15, 0),
  mergeReturning: atLeast(version, 17, 0),
  mergeBySource: atLeast(version, 17, 0),
  groupingSets: true,
  aggregateFilter: true,
  aggregateOrder: true,
  percentiles: "within group",
  windows: true,
  unorderedWindows: true,
  groupsFrame: atLeast(version, 11, 0),
  frameExclusion: atLeast(version, 11, 0),
  frameParameter: true,
  lagDefault: true,
  exactDistributions: true,
  ...richTypes(version)
})

const mysql = (version: Version): Capabilities => ({
  dialect: "mysql",
  version,
  insertReturning: false,
  updateReturning: false,
  deleteReturning: false,
  listParameter: "expand",
  intersectExcept: atLeast(version, 8, 0, 31),
  setOperationsAll: atLeast(version, 8, 0, 31),
  ...rowsOf.mysql,
  distinctOn: false,
  withTies: false,
  parenthesisedArms: atLeast(version, 8, 0, 22),
  nullsPlacement: false,
  nullsAre: "smallest",
  correlatedDerived: atLeast(version, 8, 0, 14),
  booleans: false,
  ...schemaOf.mysql(version),
  maxParameters: 65_535,
  maxIdentifier: { length: 64, unit: "characters" },
  maxCompoundTerms: 500,
  maxDepth: 900,
  maxTables: 61,
  rightJoin: true,
  fullJoin: false,
  lateral: atLeast(version, 8, 0, 14),
  // True in SELECT, an error inside INSERT and UPDATE under the strict mode: guarded everywhere.
  divisionByZeroIsNull: false,
  limitInsideIn: false,
  deleteAlias: atLeast(version, 8, 0, 16),
  ...mysqlLocks(version),
  severalRowsFail: true,
  materializedHint: false,
  withCommands: false,
  groupsByExpression: false,
  groupsByKey: false,
  simultaneousAssignment: false,
  readsWrittenTable: false,
  defaultRow: "empty tuple",
  quantifiedQuery: true,
  tuples: false,
  nullMembership: true,
  jsonTable: atLeast(version, 8, 0, 4),
  rowsOfLists: false,
  ilike: false,
  betweenSymmetric: false,
  bits: "unsigned64",
  defaultKeyword: true,
  upsert: "duplicate",
  partialIndexes: false,
  updateFrom: "join",
  deleteUsing: "join",
  limitedWrite: true,
  rowAssignment: false,
  multiTableUpdate: true,
  multiTableDelete: true,
  ...noWritingParts,
  groupingSets: false,
  aggregateFilter: false,
  aggregateOrder: true,
  percentiles: null,
  windows: atLeast(version, 8, 0),
  unorderedWindows: true,
  groupsFrame: false,
  frameExclusion: false,
  frameParameter: true,
  lagDefault: true,
  exactDistributions: true,
  ...plainTypes
})

const mariadb = (version: Version): Capabilities => ({
  ...mysql(version),
  dialect: "mariadb",
  expressionIndexes: false,
  insertReturning: atLeast(version, 10, 5),
  deleteReturning: true,
  intersectExcept: atLeast(version, 10, 3),
  setOperationsAll: atLeast(version, 10, 5),
  withTies: atLeast(version, 10, 6),
  parenthesisedArms: atLeast(version, 10, 4),
  correlatedDerived: false,
  lateral: false,
  // Of 10.11.19; see the phase `nullMembership`.
  nullMembership: false,
  jsonTable: atLeast(version, 10, 6),
  rowsOfLists: false,
  deleteAlias: false,
  forShare: false,
  lockOf: false,
  nowait: atLeast(version, 10, 3),
  skipLocked: atLeast(version, 10, 6),
  windows: atLeast(version, 10, 2),
  unorderedWindows: false,
  frameParameter: false,
  lagDefault: false,
  exactDistributions: false,
  readsWrittenTable: atLeast(version, 10, 3, 2)
})

const tables: Readonly<Record<DialectName, (version: Version) => Capabilities>> = {
  sqlite,
  postgres,
  mysql,
  mariadb
}

/**
 * What a server of this dialect and version can do; the version athanor is tested with by default.
 *
 * @example
 * ```ts
 * import { capabilities } from "athanor/compile"
 * capabilities("mysql").insertReturning // => false
 * ```
 * @category constructors
 */
export const capabilities = (
  dialect: DialectName,
  version: Version = currentVersions[dialect]
): Capabilities => Object.freeze(tables[dialect](version))

/** The last minor, and patch of each, the tables above could tell apart. */
const lastMinor: Readonly<Record<DialectName, number>> = {
  sqlite: 60,
  postgres: 0,
  mysql: 0,
  mariadb: 11
}

/** Every version that may differ from the one before it, later than a given one. */
const later = ({ dialect, version }: Capabilities): ReadonlyArray<Version> => {
  const [from] = version
  const last = currentVersions[dialect][0]
  return Array.from({ length: Math.max(0, last - from) + 1 }, (_, major) => from + major).flatMap(
    (major) =>
      Array.from({ length: lastMinor[dialect] + 1 }, (_minor, minor) =>
        Array.from({ length: dialect === "mysql" ? 41 : 5 }, (_patch, patch): Version => [
          major,
          minor,
          patch
        ])
      )
        .flat()
        .filter((one) => !atLeast(version, ...one))
  )
}

/** The first later version of which the table says something else; null where there is none. */
export const grantedSince = (now: Capabilities, name: string): Version | null => {
  if (!Object.hasOwn(now, name)) return null
  const field = name as keyof Capabilities
  const found = later(now).find((version) => tables[now.dialect](version)[field] !== now[field])
  return field === "version" || typeof now[field] === "object" ? null : (found ?? null)
}
