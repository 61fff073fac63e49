import { DatabaseError } from "athanor"
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"

/** SQLAlchemy 2.0: `sqlalchemy.exc`, then `sqlalchemy.orm.exc`. */
const classes = `
  SQLAlchemyError ObjectNotExecutableError ArgumentError DuplicateColumnError
  ConstraintColumnNotFoundError NoSuchModuleError NoForeignKeysError AmbiguousForeignKeysError
  CircularDependencyError CompileError UnsupportedCompilationError IdentifierError
  DisconnectionError InvalidatePoolError TimeoutError InvalidRequestError IllegalStateChangeError
  NoInspectionAvailable PendingRollbackError ResourceClosedError NoSuchColumnError NoResultFound
  MultipleResultsFound NoReferenceError AwaitRequired MissingGreenlet NoReferencedTableError
  NoReferencedColumnError NoSuchTableError UnreflectableTableError UnboundExecutionError
  DontWrapMixin StatementError DBAPIError InterfaceError DatabaseError DataError OperationalError
  IntegrityError InternalError ProgrammingError NotSupportedError
  StaleDataError FlushError MappedAnnotationError UnmappedError ObjectDereferencedError
  DetachedInstanceError UnmappedInstanceError UnmappedClassError ObjectDeletedError
  UnmappedColumnError LoaderStrategyException`
  .trim()
  .split(/\s+/)

const namesIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)

const rows = readFileSync("docs/coming-from-events.md", "utf8")
  .split("## Errors")[1]!
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, theirs, ours]) => ({ theirs: namesIn(theirs!), ours: ours! }))

test("each error class of SQLAlchemy is a failure here, or has a reason [F158.5 @all]", () => {
  expect(rows.flatMap(({ theirs }) => theirs).sort()).toEqual([...classes].sort())
  const known = new Set([...Object.keys(DatabaseError), "StatementError"])
  for (const { ours, theirs } of rows) {
    const isReason = /^none: .{20}/.test(ours)
    if (isReason) continue
    expect(namesIn(ours), String(theirs)).not.toEqual([])
    expect(
      namesIn(ours).filter((name) => !known.has(name)),
      String(theirs)
    ).toEqual([])
  }
})
