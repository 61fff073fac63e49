import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { CombineOperator, Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { type Bags, bags, columnsOf, handBags, moved, partOf, rowsOfPart } from "./support/bags.ts"
import { compared } from "./support/hand.ts"
import { caught, upheld } from "./support/law.ts"
import { sameRows, selected } from "./support/meaning.ts"
import { onSqlite } from "./support/sameOnSqlite.ts"

type Sides = (one: Bags) => readonly [Relation, Relation]

/** The condition asked of all rows a set operation gives. */
const above = ({ a, b, home, p }: Bags, op: CombineOperator): Relation => {
  const whole = partOf(home, R.combine(op, [rowsOfPart(a), rowsOfPart(b)]))
  return rowsOfPart(whole, moved(p, a, whole))
}

const ofBoth =
  (op: CombineOperator): Sides =>
  (one) => {
    const { a, b, p } = one
    return [above(one, op), R.combine(op, [rowsOfPart(a, p), rowsOfPart(b, moved(p, a, b))])]
  }
const ofFirst =
  (op: CombineOperator): Sides =>
  (one) => {
    const { a, b, p } = one
    return [above(one, op), R.combine(op, [rowsOfPart(a, p), rowsOfPart(b)])]
  }

/** Equal first columns. */
const on = ({ a, b }: Bags): Scalar =>
  S.compare("eq", columnsOf(a)[0]!, columnsOf(b)[0]!, T.boolean)
const both = ({ a, b }: Bags, self: Relation): Relation =>
  selected(self, [...columnsOf(a), ...columnsOf(b)])

const ofLeft =
  (kind: "inner" | "left"): Sides =>
  (one) => {
    const { a, b, p } = one
    return [
      both(one, R.filter(R.join(kind, a.relation, b.relation, on(one)), p)),
      both(one, R.join(kind, R.filter(a.relation, p), b.relation, on(one)))
    ]
  }

const ofRight =
  (kind: "inner" | "left"): Sides =>
  (one) => {
    const { a, b, p } = one
    const q = moved(p, a, b)
    return [
      both(one, R.filter(R.join(kind, a.relation, b.relation, on(one)), q)),
      both(one, R.join(kind, a.relation, R.filter(b.relation, q), on(one)))
    ]
  }

const first = ({ a }: Bags, where: Scalar | null, late: Scalar | null): Relation => {
  const keys = columnsOf(a)
  const down = keys.map(() => ({ direction: "asc", nulls: "first" }) as const)
  const cut = R.slice(R.order(rowsOfPart(a, where), keys, down), S.bound(2, T.count), null)
  return late === null ? cut : R.filter(cut, late)
}

const laws: Readonly<Record<string, Sides>> = {
  "over union all": ofBoth("unionAll"),
  "over union": ofBoth("union"),
  "over intersect": ofBoth("intersect"),
  "over intersect all": ofBoth("intersectAll"),
  "over except": ofBoth("except"),
  "over the left of except": ofFirst("except"),
  "over the left of except all": ofFirst("exceptAll"),
  "over the left of an inner join": ofLeft("inner"),
  "over the right of an inner join": ofRight("inner"),
  "over the left of a left join": ofLeft("left")
}

const holds =
  (sides: Sides) =>
  (one: Bags): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

const positive = (a: Bags["a"]): Scalar => compared(columnsOf(a)[0]!, "gt", 0)
const examples = [handBags(positive, 0), handBags(positive, 1)]

describe("L5 where distributes", () => {
  test.for(Object.entries(laws))("%s", ([, sides]) => upheld(bags, holds(sides), 1000))
  test("over a set operation, on SQLite", () => onSqlite(bags, ofBoth("intersectAll")))

  test("twin: over the right of a left join", () => {
    caught("under the left join", bags, holds(ofRight("left")), [
      handBags((a) => S.not(S.isNull(columnsOf(a)[0]!, T.boolean), T.boolean), 0)
    ])
  })

  test("twin: over a limit", () => {
    caught(
      "under the limit",
      bags,
      holds((one) => [first(one, null, one.p), first(one, one.p, null)]),
      examples
    )
  })
})
