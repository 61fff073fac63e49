import { Column, Expr, Fn, Query, Table, Type } from "athanor"
import { describe, expect, test } from "vitest"
import { engines, expectSql, useDatabase } from "./support.ts"

const bits = Table.make("bits", {
  id: Column.id(),
  a: Column.integer(),
  b: Column.integer().nullable(),
  x: Column.bigint(),
  y: Column.bigint()
})

const small = [0, 1, -1, 5, -6, 2_147_483_647, -2_147_483_648]
const large = small.map((n, i) => (i < 5 ? BigInt(n) : n > 0 ? 2n ** 63n - 1n : -(2n ** 63n)))

describe.each(engines)("bits on %s", (engine) => {
  const database = useDatabase(engine, { bits })
  const { agrees, all } = database
  const { a, b, id, x, y } = bits.c

  test("and, or, xor, not and shifts of 32 and 64 bits [F49.1 F49.2]", async () => {
    await database.fill(
      "bits",
      small.flatMap((one, i) => [
        ...small.map((two, j) => ({ a: one, b: two, x: large[i]!, y: large[j]! })),
        { a: one, b: null, x: large[i]!, y: 0n }
      ])
    )
    const rows = await agrees(
      Query.from(bits)
        .select({
          id,
          and: Fn.bitAnd(a, b),
          or: Fn.bitOr(a, b),
          xor: Fn.bitXor(a, b),
          not: Fn.bitNot(a),
          left: Fn.shiftLeft(a, 3),
          right: Fn.shiftRight(a, 3),
          nested: Fn.bitXor(Fn.bitOr(a, 12), Fn.bitAnd(Fn.shiftRight(a, 1), b)),
          even: Fn.bitAnd(a.quot(2).add(1), 1).eq(0)
        })
        .orderBy(id)
    )
    expect(rows).toHaveLength(56)
    await agrees(
      Query.from(bits).select({
        id,
        and: Fn.bitAnd(x, y),
        or: Fn.bitOr(x, y),
        xor: Fn.bitXor(x, y),
        not: Fn.bitNot(x),
        left: Fn.shiftLeft(x, 7),
        right: Fn.shiftRight(x, 7)
      })
    )
    await agrees(Query.from(bits).where(Fn.bitAnd(x, 1n).eq(1n)).select({ id }))
    const plain = Query.select({ xor: Fn.bitXor(Expr.value(6, Type.integer), 3) })
    expect(await all(plain)).toEqual([{ xor: 5 }])
  })

  test("a shift by 0 to one less than the width; by more it is refused [F49.3]", async () => {
    const shifts = (by: number) => ({ left: Fn.shiftLeft(a, by), right: Fn.shiftRight(a, by) })
    for (const by of [0, 1, 30, 31]) await agrees(Query.from(bits).select({ id, ...shifts(by) }))
    for (const by of [0, 1, 31, 32, 62, 63]) {
      await agrees(
        Query.from(bits).select({ id, left: Fn.shiftLeft(x, by), right: Fn.shiftRight(x, by) })
      )
    }
    for (const by of [-1, 32, 0.5, Number.NaN])
      expect(() => shifts(by)).toThrow("an integer of 32 bits is shifted by 0 to 31")
    expect(() => Fn.shiftLeft(x, 64)).toThrow("an integer of 64 bits is shifted by 0 to 63")
    expect(() => Fn.bitNot(Expr.value(1.5, Type.double))).toThrow("Double is no integer")
  })
})

describe("bits as printed for mysql", () => {
  const { a, b, x } = bits.c

  test("each operator in each dialect's words [F49.1 F49.2 F49.3]", () => {
    const query = Query.from(bits).select({
      and: Fn.bitAnd(a, 1),
      xor: Fn.bitXor(a, b),
      no: Fn.bitNot(a),
      left: Fn.shiftLeft(a, 3),
      right: Fn.shiftRight(x, 3)
    })
    const unsigned =
      "SELECT CAST(bits.a & CAST(? AS SIGNED) AS SIGNED) AS `and`, CAST(bits.a ^ bits.b AS " +
      "SIGNED) AS `xor`, CAST(~bits.a AS SIGNED) AS `no`, (CAST((CAST(bits.a << 3 AS SIGNED) + " +
      "2147483648) & 4294967295 AS SIGNED) - 2147483648) AS `left`, (CAST((bits.x ^ " +
      "9223372036854775808) >> 3 AS SIGNED) - 1152921504606846976) AS `right` FROM bits"
    expectSql(query, {
      sqlite:
        'SELECT bits.a & ? AS "and", (bits.a | bits.b) - (bits.a & bits.b) AS "xor", ~bits.a AS ' +
        '"no", ((((bits.a << 3) + 2147483648) & 4294967295) - 2147483648) AS "left", ' +
        'bits.x >> 3 AS "right" FROM bits',
      postgres:
        'SELECT bits.a & $1::integer AS "and", bits.a # bits.b AS "xor", ~bits.a AS "no", ' +
        'bits.a << 3 AS "left", bits.x >> 3 AS "right" FROM bits',
      mysql: unsigned,
      mariadb: unsigned
    })
  })
})
