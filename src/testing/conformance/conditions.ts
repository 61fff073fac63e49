import * as Effect from "effect/Effect"
import * as Column from "../../algebra/schema/Column.ts"
import * as Expr from "../../algebra/Expr.ts"
import * as Fn from "../../algebra/Fn.ts"
import * as Query from "../../algebra/Query.ts"
import * as Table from "../../algebra/schema/Table.ts"
import * as Type from "../../algebra/types.ts"
import { Database } from "../../effects/Database.ts"
import { conforms } from "./Case.ts"

const words = Table.make("cf_words", {
  id: Column.integer().primaryKey(),
  word: Column.varchar(50).nullable(),
  n: Column.integer().nullable()
})
const { id, n, word } = words.c

const texts = ["abcdefg", "ab/cdefg", "ab%cdefg", "ab_cdefg", "abcde/fg", "ABCDEFG", null]
const filled = Database.run(
  Query.insert(words).rows(
    texts.map((text, at) => ({ id: at + 1, word: text, n: at === 6 ? null : at }))
  )
)
const where = (condition: Expr.Expr<boolean | null, "cf_words" | Expr.Uses<"cf_words">>) =>
  Database.all(Query.from(words).where(condition).orderBy(id).select(id))

export const conditions = [
  conforms(
    "conditions.lists",
    "Membership in lists of any length, of none, of NULL, of tuples, and in a query's rows.",
    { words },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled
        yield* same(yield* where(id.in([2, 4, 9])), [2, 4])
        yield* same(yield* where(id.in([2, 4]).not()), [1, 3, 5, 6, 7])
        yield* same(yield* where(id.in([])), [])
        yield* same(yield* where(id.in([]).not()), [1, 2, 3, 4, 5, 6, 7])
        yield* same(yield* where(n.in([])), [])
        const many = Array.from({ length: 3000 }, (_, at) => at + 5)
        yield* same(yield* where(id.in(many)), [5, 6, 7])
        const pairs = Expr.tuple(id, n).in([
          [2, 1],
          [3, 9]
        ])
        yield* same(yield* where(pairs), [2])
        const given = Query.from(words)
          .where(id.in(Expr.paramList("ids", Type.integer)))
          .orderBy(id)
          .select(id)
        yield* same(yield* Database.all(given, { ids: [1, 7] }), [1, 7])
        yield* same(yield* Database.all(given, { ids: [] }), [])
        const other = Query.alias(words, "other")
        const rows = Query.from(other).where(other.c.n.gt(3)).select(other.c.id)
        yield* same(yield* where(id.in(rows)), [5, 6])
      })
  ),
  conforms(
    "conditions.texts",
    "Texts that begin, end and contain; what stands for others and what is itself.",
    { words },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled
        yield* same(yield* where(word.startsWith("ab%c")), [3])
        yield* same(yield* where(word.startsWith("ab_c")), [4])
        yield* same(yield* where(word.endsWith("e/fg")), [5])
        yield* same(yield* where(word.contains("b%cde")), [3])
        yield* same(yield* where(word.contains("%")), [3])
        yield* same(yield* where(word.like("ab%c%")), [1, 2, 3, 4, 5])
        yield* same(yield* where(word.like("abc%").isNotTrue()), [2, 3, 4, 6, 7])
        yield* same(yield* where(word.ilike("abcdefg")), [1, 6])
        yield* same(yield* where(Fn.matches(word, "^ab.cd")), [2, 3, 4])
      })
  ),
  conforms("conditions.null-safe", "Equality that takes NULL for a value.", { words }, ({ same }) =>
    Effect.gen(function* () {
      yield* filled
      yield* same(yield* where(n.same(null)), [7])
      yield* same(yield* where(n.same(3)), [4])
      yield* same(yield* where(n.same(3).not()), [1, 2, 3, 5, 6, 7])
      yield* same(yield* where(n.eq(3).isNotTrue()), [1, 2, 3, 5, 6, 7])
    })
  ),
  conforms("conditions.bits", "Operators on the bits of whole numbers.", {}, ({ same }) =>
    Effect.gen(function* () {
      const five = Expr.value(5, Type.integer)
      const bits = [
        Fn.bitAnd(five, 3),
        Fn.bitOr(five, 3),
        Fn.bitXor(five, 3),
        Fn.bitNot(five),
        Fn.shiftLeft(five, 2),
        Fn.shiftRight(five, 1)
      ] as const
      yield* same(yield* Database.one(Query.select(bits)), [1, 7, 6, -6, 20, 2])
    })
  ),
  conforms(
    "conditions.collations",
    "Texts are told apart and ordered by their letters' numbers, on every server.",
    { words },
    ({ same }) =>
      Effect.gen(function* () {
        yield* Database.run(
          Query.insert(words).rows(
            ["b", "B", "a", "é", "e", "_"].map((text, at) => ({ id: at, word: text }))
          )
        )
        const ordered = Query.from(words).orderBy(word).select(word)
        yield* same(yield* Database.all(ordered), ["B", "_", "a", "b", "e", "é"])
        yield* same(yield* where(word.eq("b")), [0])
      })
  ),
  conforms(
    "conditions.division",
    "True division never truncates; a quotient does; by zero is NULL.",
    {},
    ({ same }) =>
      Effect.gen(function* () {
        const of = (a: number, b: number) => {
          const left = Expr.value(a, Type.integer)
          return Database.one(Query.select([left.div(b), left.quot(b), left.rem(b)]))
        }
        yield* same(yield* of(15, 10), [1.5, 1, 5])
        yield* same(yield* of(-15, 10), [-1.5, -1, -5])
        yield* same(yield* of(7, 0), [null, null, null])
        const half = Expr.value(7.5, Type.double)
        yield* same(yield* Database.one(Query.select(half.div(2))), 3.75)
      })
  )
]
