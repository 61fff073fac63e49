import type { DialectName } from "../../../src/algebra/Dialect.ts"
import type { Ledger } from "./law.ts"

/**
 * The capabilities a drawn statement may be refused by, per dialect, each with its reason: what is
 * not here is an answer. The list may only shrink. Everywhere an emulation may refuse to say twice
 * what is drawn at execution.
 */
export const refusable: Readonly<
  Record<Exclude<DialectName, "mysql">, Readonly<Record<string, string>>>
> = {
  sqlite: {
    lateral: "no LATERAL; a query of one row becomes scalar subqueries",
    modeAggregate: "no mode()",
    orderedSetAggregates: "no percentiles",
    limitedWrite: "the first rows are found by their key, which the table lacks",
    merge: "no MERGE",
    quantifiedList: "no ANY and ALL; of a list only what IN can say",
    readsWrittenTable: "an upsert's cells and RETURNING see rows it has just written",
    rowLocks: "the file is locked, never a row",
    series: "a series is counted by its ends, which says them twice",
    tableSample: "no TABLESAMPLE"
  },
  postgres: {
    ambiguousUpdate:
      "each new value of a row that several rows match would draw a sample of its own",
    fullJoin: "said as a union of two joins where the condition has no equation: both sides twice",
    fullJoinCondition: "FULL JOIN asks for a condition it can merge or hash",
    limitedWrite: "the first rows are found by their key, which the table lacks",
    lockedWindow: "no lock beside a window function",
    lockAbsent: "no lock of the side of an outer join that may be absent",
    lockedTies: "no SKIP LOCKED beside WITH TIES",
    lockNested: "rows of a table said in a derived table would stay free",
    lockedWrite: "rows that the statement itself has changed are no longer there to lock",
    mergeRecursion: "no WITH RECURSIVE before MERGE: the recursion is said where it is used"
  },
  mariadb: {
    conflictSubquery: "no query among the values of ON DUPLICATE KEY UPDATE",
    simultaneousAssignment: "assignments see those before them, and these read each other",
    correlatedArm: "an outer column is not seen in an outer join of a third arm",
    correlatedDerived: "a derived table sees no outer query",
    frameExclusion: "no EXCLUDE",
    groupsFrame: "no frame in groups",
    modeAggregate: "no mode()",
    orderedSetAggregates: "percentiles are window functions only",
    lockedWindow: "no lock beside a window function",
    lockNested: "windows are reckoned in a derived table, whose rows no lock reaches",
    unorderedWindows: "lag, lead and ntile, and a range with an offset, by no constant",
    fullJoin: "no FULL JOIN: said as a union of two joins, both sides twice",
    keyLocks: "no lock of the key alone",
    lateral: "no LATERAL; a query of one row becomes scalar subqueries",
    limitedWrite: "the first rows are found by their key, which the table lacks",
    merge: "no MERGE",
    quantifiedList: "no ANY and ALL of a list; only what IN can say",
    readsWrittenTable: "a command's subqueries, of several rows and in RETURNING, see its own rows",
    series: "a series is counted by its ends, which says them twice",
    tableSample: "no TABLESAMPLE",
    tuples: "an order of tuples says their parts twice",
    updateReturning: "no UPDATE … RETURNING"
  }
}

/** Capabilities that refused a statement and are not expected to. */
export const strangers = (
  { refusedOf }: Ledger,
  dialect: string,
  more: ReadonlyArray<string> = []
): ReadonlyArray<string> => {
  const expected = refusable[dialect as keyof typeof refusable]
  return [...refusedOf].filter((one) => !Object.hasOwn(expected, one) && !more.includes(one))
}
