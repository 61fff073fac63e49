import { afterAll, beforeAll, describe, expect, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import type { CteSource } from "../../src/algebra/Source.ts"
import * as T from "../../src/algebra/types.ts"
import * as C from "../../src/algebra/Command.ts"
import type { Command } from "../../src/algebra/Command.ts"
import { carryOut } from "../oracle/command.ts"
import type { Database } from "../oracle/Meaning.ts"
import { answer } from "../oracle/query.ts"
import { inClasses, sameBag } from "./support/canonical.ts"
import { connections } from "./support/connections.ts"
import { knownUnder } from "./support/context.ts"
import { column, handDatabase } from "./support/hand.ts"
import { aboutCommands, backBesideItsName, speaksInDerived } from "./support/regressedCommands.ts"
import { record, selected } from "./support/meaning.ts"
import { type Connection, give, readTable, seed } from "./support/Runner.ts"
import { worldOf } from "./support/statements.ts"
import {
  aboutGroups,
  aboutKeys,
  aboutShapes,
  aboutSubqueries,
  aboutValues
} from "./support/regressedQueries.ts"
import { aboutAggregates } from "./support/regressedAggregates.ts"
import {
  aboutAbsentRows,
  aboutAskedGroups,
  aboutDenials,
  aboutGroupings,
  aboutKeysInside,
  aboutOuterColumns,
  aboutSaidAgain
} from "./support/regressedGroupings.ts"
import { aboutArms } from "./support/regressedArms.ts"
import { aboutColumns } from "./support/regressedColumns.ts"
import { aboutConstantJoins, aboutFullJoins } from "./support/regressedJoins.ts"
import { aboutOutwardJoins } from "./support/regressedOutwardJoins.ts"
import { aboutRecursions } from "./support/regressedRecursions.ts"
import { aboutChosen, aboutSought } from "./support/regressedSought.ts"
import { aboutTuples } from "./support/regressedTuples.ts"
import {
  aboutMembership,
  aboutRepetitions,
  aboutTies,
  aboutWindows
} from "./support/regressedWindows.ts"
import {
  a,
  alphas,
  ascending,
  b,
  betas,
  derived,
  descending,
  g,
  gammas,
  int,
  minusZero,
  ordered
} from "./support/small.ts"

const constants: CteSource = {
  _tag: "CteSource",
  materialized: null,
  name: "constants",
  query: selected(a.relation, [int(0)])
}
const inCte = S.inQuery(
  int(0),
  selected(R.cte(constants, "t9"), [knownUnder("t9", constants).leaves[0]!.node]),
  T.boolean
)

const neverTrue = S.and([column(a, 4), S.isNull(S.constant(0, T.integer), T.boolean)], T.boolean)

/** Twice the same row, and NULLs. */
const repeated: Database = new Map([
  ...handDatabase,
  [
    gammas,
    [
      { p: 0n, q: "a" },
      { p: 0n, q: "a" },
      { p: null, q: null }
    ]
  ],
  [
    betas,
    [
      { id: 1n, alphaId: null, x: null, name: "a", on: false },
      { id: 2n, alphaId: 1n, x: 0n, name: "", on: true }
    ]
  ]
])

/**
 * Statements a server once answered in another way than they mean, as small as the law made them.
 * Each runs on every database.
 */
const queries: Readonly<Record<string, Relation>> = {
  ...aboutAbsentRows,
  ...aboutAggregates,
  ...aboutAskedGroups,
  ...aboutChosen,
  ...aboutColumns,
  ...aboutConstantJoins,
  ...aboutDenials,
  ...aboutArms,
  ...aboutFullJoins,
  ...aboutGroups,
  ...aboutGroupings,
  ...aboutSaidAgain,
  ...aboutKeys,
  ...aboutKeysInside,
  ...aboutOuterColumns,
  ...aboutOutwardJoins,
  ...aboutRecursions,
  ...aboutSought,
  ...aboutSubqueries,
  ...aboutShapes,
  ...aboutTuples,
  ...aboutValues,
  ...aboutMembership,
  ...aboutRepetitions,
  ...aboutTies,
  ...aboutWindows,
  "a cast to boolean is a boolean": selected(a.relation, [
    S.cast(column(a, 1), T.boolean),
    S.cast(int(0), T.boolean)
  ]),
  "a negated constant as the key of a group is no column number": selected(
    R.group(a.relation, [minusZero]),
    [int(0)]
  ),
  "a negated constant as a sort key is no column number": ordered(
    selected(a.relation, [int(0)]),
    minusZero
  ),
  "a constant as a sort key is no column number": ordered(
    selected(a.relation, [column(a, 0)]),
    S.constant(3, T.integer)
  ),
  "a sort key and a group that are FALSE for sure are no column numbers": ordered(
    selected(R.group(a.relation, [neverTrue]), [int(0)]),
    neverTrue
  ),
  "a set operation is sorted by a column of the outer query": selected(
    R.filter(
      a.relation,
      S.inQuery(
        column(a, 3),
        ordered(
          R.combine("unionAll", [
            selected(b.relation, [column(a, 3)]),
            selected(g.relation, [column(a, 3)])
          ]),
          column(a, 3)
        ),
        T.boolean
      )
    ),
    [column(a, 0)]
  ),
  "a label is not the column of the same name": R.slice(
    R.order(
      R.distinct(
        R.project(b.relation, [int(0), column(b, 0)], {
          _tag: "Record",
          keys: ["x", "y"],
          parts: [
            { _tag: "Cell", index: 0 },
            { _tag: "Cell", index: 1 }
          ],
          presence: null,
          prototype: null
        })
      ),
      [int(0), column(b, 0)],
      [descending, ascending]
    ),
    int(1),
    null
  ),
  "a limit inside IN": selected(
    R.filter(
      a.relation,
      S.inQuery(
        column(a, 0),
        R.slice(ordered(selected(b.relation, [column(b, 0)]), column(b, 0)), int(1), null),
        T.boolean
      )
    ),
    [column(a, 0)]
  ),
  "a group by an expression with a parameter, said again": selected(
    R.group(a.relation, [S.arith("add", column(a, 1), int(1), T.integer)]),
    [S.arith("add", column(a, 1), int(1), T.integer), S.aggregate("count", [], false, T.count)]
  ),
  "having an expression that is grouped by": selected(
    R.filter(
      R.group(a.relation, [S.call("lower", [column(a, 3)], T.text)]),
      S.like(S.call("lower", [column(a, 3)], T.text), S.bound("%", T.text), T.boolean)
    ),
    [int(0)]
  ),
  "a group of constants, nothing aggregated": selected(R.group(a.relation, []), [int(0)]),
  "a global group in a subquery that gives an outer column": selected(a.relation, [
    S.subquery(selected(R.group(b.relation, []), [column(a, 3)]), T.text)
  ]),
  "distinct aggregates are sorted": R.order(
    R.distinct(
      selected(R.group(a.relation, []), [S.aggregate("sum", [column(a, 1)], false, T.safeInteger)])
    ),
    [S.aggregate("sum", [column(a, 1)], false, T.safeInteger)],
    [descending]
  ),
  "IN over a set operation with a limited part": selected(a.relation, [
    S.inQuery(
      int(0),
      R.combine("unionAll", [
        R.slice(ordered(selected(b.relation, [int(0)]), int(0)), int(1), null),
        selected(g.relation, [int(0)])
      ]),
      T.boolean
    )
  ]),
  "EXISTS of a distinct query with an offset": selected(
    R.filter(
      a.relation,
      S.exists(
        R.slice(ordered(R.distinct(selected(b.relation, [int(0)])), int(0)), null, int(1)),
        T.boolean
      )
    ),
    [column(a, 0)]
  ),
  "a distinct constant with an offset": R.slice(
    ordered(R.distinct(selected(g.relation, [int(0)])), int(0)),
    null,
    int(1)
  ),
  "joins of derived tables whose columns share a name": R.order(
    R.distinct(
      selected(
        R.join(
          "inner",
          derived(selected(a.relation, [int(0)]), "t5").relation,
          derived(selected(b.relation, [int(0)]), "t6").relation,
          S.constant(true, T.boolean)
        ),
        [int(0)]
      )
    ),
    [int(0)],
    [descending]
  )
}

/** What MariaDB cannot say, by the name of what it lacks. */
const refusedOnMariadb: ReadonlyMap<string, string> = new Map([
  ["an outer column among what is distinct inside", "correlatedDerived"],
  ["a set operation sorted by a constant of an outer query", "correlatedDerived"],
  ["what is distinct of the group of a constant, sorted by an outer column", "correlatedDerived"],
  ["a row of a group's key that asks a query, sought in another", "tuples"],
  ["a user's relation over arms as an arm, of an outer column", "correlatedDerived"],
  ["outer joins in three arms of a set operation, on an outer column", "correlatedArm"],
  [
    "membership in a window over the one row a key names, under an outer condition",
    "correlatedDerived"
  ]
])

const update = (columns: ReadonlyArray<string>, values: ReadonlyArray<Scalar>, where: Scalar) =>
  C.update(alphas, "t0", columns, values, where)

const commands: Readonly<Record<string, Command>> = {
  "a command's row is there, also without a column that says so": C.remove(
    gammas,
    "t2",
    g.leaves[2]!.node
  ),
  "an insert whose cells read a common table expression": C.insert(
    alphas,
    ["id", "b", "yes"],
    [int(50), int(1), inCte],
    1
  ),
  "an update that reads a common table expression": update(
    ["yes"],
    [S.bound(false, T.boolean)],
    inCte
  ),
  "a delete that reads a common table expression": C.remove(alphas, "t0", inCte),
  ...aboutCommands
}

/** The second row would count the first. */
const counted = S.subquery(
  selected(R.group(g.relation, []), [S.cast(S.aggregate("count", [], false, T.count), T.integer)]),
  T.integer
)
const countsItself = C.insert(gammas, ["p"], [counted, counted], 2)

/** Rows given back with how many there are. */
const countsBack: Readonly<Record<string, Command>> = {
  "a delete": C.remove(gammas, "gamma", S.constant(true, T.boolean), {
    fields: [counted],
    shape: record([counted])
  }),
  "an insert": C.insert(gammas, ["p"], [int(7), int(8)], 2, {
    fields: [counted],
    shape: record([counted])
  })
}

/** Each row of the first table goes with several of the second, as long as it is as it was. */
const ofTwoTables = C.update(
  gammas,
  "gamma",
  ["p"],
  [int(99), int(7)],
  S.compare("lt", S.ref("gamma", gammas, ["p"], T.integer), column(a, 2), T.boolean),
  null,
  { from: a.relation, also: [{ alias: "t0", table: alphas, columns: ["a"] }] }
)

describe.each(Object.entries(connections))("regressions on %s", (_, open) => {
  let connection: Connection
  beforeAll(async () => {
    connection = await open()
  })
  afterAll(() => connection.close())

  test.for(Object.entries(queries))("%s", async ([what, query]) => {
    await seed(connection, repeated)
    const given = await give(connection, query, {})
    const classes = answer(query, worldOf(repeated, {}, connection.dialect))
    const capability = refusedOnMariadb.get(what)
    if (connection.dialect === "mariadb" && capability !== undefined) {
      expect(given).toMatchObject({ _tag: "Refusal", capability })
      return
    }
    expect(given).toMatchObject({ _tag: "Rows" })
    if (given._tag === "Rows" && !inClasses(given.rows, classes)) {
      expect(given.rows).toEqual(classes.flat())
    }
  })

  test.for(Object.entries(commands))("%s", async ([, command]) => {
    await seed(connection, repeated)
    const expected = carryOut(command, worldOf(repeated, {}, connection.dialect))
    const given = await give(connection, command, {})
    expect(given).toMatchObject({ matched: expected.matched })
    if (given._tag === "Rows") expect(sameBag(given.rows, expected.rows)).toBe(true)
    const rows = await readTable(connection, command.table)
    expect(sameBag(rows, expected.database.get(command.table)!)).toBe(true)
  })

  test("a row given back under an alias, beside a query that calls another so", async () => {
    await seed(connection, repeated)
    const expected = carryOut(backBesideItsName, worldOf(repeated, {}, connection.dialect))
    const given = await give(connection, backBesideItsName, {})
    if (connection.dialect === "postgres") expect(given).toMatchObject({ rows: expected.rows })
    else {
      const capability = connection.dialect === "sqlite" ? "returningAlias" : "deleteAlias"
      expect(given).toMatchObject({ _tag: "Refusal", capability })
    }
  })

  test.for(Object.entries(speaksInDerived))(
    "a derived table in RETURNING of %s speaks of the row",
    async ([, command]) => {
      await seed(connection, repeated)
      const given = await give(connection, command, {})
      if (connection.dialect === "mariadb")
        expect(given).toMatchObject({ _tag: "Refusal", capability: "correlatedDerived" })
      else {
        const expected = carryOut(command, worldOf(repeated, {}, connection.dialect))
        expect(given._tag === "Rows" && sameBag(given.rows, expected.rows)).toBe(true)
      }
    }
  )

  test("an update of two tables whose condition reads what it writes", async () => {
    await seed(connection, repeated)
    const expected = carryOut(ofTwoTables, worldOf(repeated, {}, connection.dialect))
    const given = await give(connection, ofTwoTables, {})
    if (connection.dialect !== "mariadb") {
      expect(given).toMatchObject({ _tag: "Refusal", capability: "multiTableUpdate" })
      return
    }
    expect(given).toMatchObject({ matched: expected.matched })
    for (const table of [alphas, gammas]) {
      const rows = await readTable(connection, table)
      expect(sameBag(rows, expected.database.get(table)!)).toBe(true)
    }
  })

  test.for(Object.entries(countsBack))("a query in RETURNING of %s", async ([, command]) => {
    await seed(connection, repeated)
    const given = await give(connection, command, {})
    if (connection.dialect !== "postgres") {
      expect(given).toMatchObject({ _tag: "Refusal", capability: "readsWrittenTable" })
      return
    }
    expect(given).toMatchObject({
      rows: carryOut(command, worldOf(repeated, {}, connection.dialect)).rows
    })
  })

  test("rows of one insert do not see each other", async () => {
    await seed(connection, repeated)
    const expected = carryOut(countsItself, worldOf(repeated, {}, connection.dialect))
    const given = await give(connection, countsItself, {})
    if (connection.dialect === "mariadb") {
      expect(given).toMatchObject({ _tag: "Refusal", capability: "readsWrittenTable" })
      return
    }
    expect(given).toMatchObject({ matched: 2 })
    const rows = await readTable(connection, gammas)
    expect(sameBag(rows, expected.database.get(gammas)!)).toBe(true)
  })
})
