/** Random expressions as TypeScript, by what they are a value of. */
import fc from "fast-check"

type Families = Readonly<Record<Family, string>>
type Family = "num" | "big" | "dec" | "text" | "bool" | "day" | "moment"

const leaf = (...names: ReadonlyArray<string>): fc.Arbitrary<string> =>
  fc.constantFrom(...names.flatMap((name) => [`c.${name}`, `c.${name}Null`]))

const { big, bool, day, dec, moment, num, text } = fc.letrec<Families>((tie) => {
  const many = (
    self: fc.Arbitrary<string>,
    ...forms: ReadonlyArray<readonly [form: string, ...of: ReadonlyArray<Family>]>
  ) =>
    fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      self,
      ...forms.map(([form, ...of]) =>
        fc
          .tuple(...of.map((one) => tie(one)))
          .map((parts) => form.replaceAll(/\$(\d)/g, (_, at: string) => parts[Number(at)]!))
      )
    )
  const same = (one: Family) =>
    [
      ["$0.coalesce($1)", one, one],
      ["Fn.nullif($0, $1)", one, one],
      ["Expr.when($0, $1).else($2)", "bool", one, one],
      ["Expr.when($0, $1).end()", "bool", one]
    ] as const
  const sums = (one: Family) =>
    [
      ["$0.add($1)", one, one],
      ["$0.sub($1)", one, one],
      ["$0.mul($1)", one, one],
      ["$0.neg()", one],
      ["Fn.abs($0)", one],
      ["Fn.greatest($0, $1)", one, one]
    ] as const
  return {
    num: many(
      leaf("smallint", "integer", "double"),
      ...same("num"),
      ...sums("num"),
      ["$0.div($1)", "num", "num"],
      ["Fn.sign($0)", "dec"],
      ["Fn.length($0)", "text"],
      ["Fn.ordinal(c.enumNull)"],
      ['Fn.extract($0, "month")', "day"],
      ["Fn.position($0, $1)", "text", "text"]
    ),
    big: many(
      leaf("bigint"),
      ...same("big"),
      ...sums("big"),
      ["$0.quot($1)", "big", "big"],
      ["$0.rem($1)", "big", "big"],
      ["c.integerNull.cast(Type.bigint)"]
    ),
    dec: many(leaf("numeric"), ...same("dec"), ...sums("dec"), ["Fn.ceil($0)", "dec"]),
    text: many(
      leaf("text", "varchar", "enum"),
      ...same("text"),
      ["$0.concat($1)", "text", "text"],
      ["Fn.upper($0)", "text"],
      ["Fn.substring($0, 2)", "text"],
      ["$0.cast(Type.text)", "big"]
    ),
    bool: many(
      leaf("boolean"),
      ["$0.eq($1)", "num", "num"],
      ["$0.lt($1)", "big", "big"],
      ["$0.ne($1)", "text", "text"],
      ["$0.same($1)", "day", "day"],
      ["$0.between($1, $2)", "dec", "dec", "dec"],
      ["$0.in([1, 2])", "num"],
      ['$0.like("a%")', "text"],
      ["$0.isNull()", "moment"],
      ["$0.and($1)", "bool", "bool"],
      ["$0.or($1)", "bool", "bool"],
      ["$0.not()", "bool"],
      ["$0.isNotTrue()", "bool"]
    ),
    day: many(
      leaf("date"),
      ...same("day"),
      ["Fn.toDate($0)", "moment"],
      ['Fn.dateAdd($0, c.smallint, "day")', "day"],
      ["Fn.addInterval($0, Interval.make({ months: 1, days: -3 }))", "day"]
    ),
    moment: many(
      leaf("timestamp"),
      ...same("moment"),
      ['Fn.dateTrunc($0, "hour")', "moment"],
      ["Fn.subtractInterval($0, Interval.make({ months: 1, seconds: 7 }))", "moment"]
    )
  }
})

const any = fc.oneof(num, big, dec, text, bool, day, moment)

const aggregate = fc.oneof(
  fc.tuple(fc.constantFrom("sum", "avg"), fc.oneof(num, big, dec)).map(([f, a]) => `Fn.${f}(${a})`),
  fc.tuple(fc.constantFrom("min", "max", "count"), any).map(([f, a]) => `Fn.${f}(${a})`),
  bool.map((a) => `Fn.every(${a})`),
  num.map((a) => `Fn.sum(${a}).coalesce(0)`)
)

/** So many of them, always the same. */
export const typedExpressions = (many: number): ReadonlyArray<string> => [
  ...new Set([
    ...fc.sample(any, { numRuns: many, seed: 113 }),
    ...fc.sample(aggregate, { numRuns: many / 5, seed: 114 })
  ])
]
