import { Column, Table } from "athanor"
import { expect, test } from "vitest"
import * as C from "../../src/algebra/Command.ts"
import { FromId } from "../../src/algebra/From.ts"
import * as R from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import * as T from "../../src/algebra/types.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { compileStatement } from "../../src/compile/compileStatement.ts"

const alpha = Table.make("alpha", { id: Column.id(), a: Column.integer(), b: Column.integer() })
const gamma = Table.make("gamma", { p: Column.integer().nullable() })
const [alphas, gammas] = [alpha, gamma].map((table) => table[FromId].source as TableSource) as [
  TableSource,
  TableSource
]
const ref = (alias: string, source: TableSource, key: string) =>
  S.ref(alias, source, [key], source.byKey.get(key)!.type)

/** Found by L25 of writes, seed 77: its columns were in no scope. */
test("an update of two columns from a sample that several rows match is refused by name", () => {
  const sampled = R.sample(R.table(alphas, "t1"), "bernoulli", S.bound(50, T.double), null)
  const same = S.compare("eq", ref("t0", gammas, "p"), ref("t1", alphas, "id"), T.boolean)
  const update = C.update(
    alphas,
    "alpha",
    ["a", "b"],
    [
      ref("t1", alphas, "b"),
      S.call("coalesce", [ref("t0", gammas, "p"), S.bound(0, T.integer)], T.integer)
    ],
    S.constant(true, T.boolean),
    null,
    { from: R.join("inner", R.table(gammas, "t0"), sampled, same) }
  )
  const refused = (["sqlite", "postgres", "mariadb"] as const).map((dialect) => {
    const said = compileStatement(update, capabilities(dialect))
    return said._tag === "Refusal" ? said.capability : said.text
  })
  expect(refused).toEqual(["tableSample", "ambiguousUpdate", "tableSample"])
})
