import { Column, Expr, Fn, Query, sql, Table, Type } from "athanor"
import { describe, test } from "vitest"
import { expectSql } from "./support.ts"

const t = Table.make("t", {
  id: Column.id(),
  a: Column.integer(),
  b: Column.integer().nullable(),
  s: Column.text().nullable(),
  yes: Column.boolean()
})
const u = Table.make("u", { id: Column.id(), tId: Column.integer().nullable() })
const { a, b, id, s, yes } = t.c
const of = Query.from(t)
const mine = u.c.tId.eq(id)
const theirs = Query.from(u).correlate(t).where(mine)
const some = Query.from(u).select({ n: u.c.id })
const n = Expr.param("n", Type.integer)
const cte = some.where(u.c.id.gt(1)).cte("c")

/**
 * What is executed elsewhere where a server runs, here as every dialect says it: SQLite,
 * PostgreSQL, MySQL, and MariaDB as MySQL. One text where all say the same.
 */
const printed: ReadonlyArray<
  readonly [
    title: string,
    statement: Query.Statement<unknown, unknown>,
    texts: ReadonlyArray<string>
  ]
> = [
  [
    "comparisons [F42.1]",
    of
      .where(
        a
          .eq(b)
          .or(a.ne(1))
          .or(a.lt(b).and(a.gte(2)))
      )
      .select(id),
    [
      "SELECT t.id AS c0 FROM t WHERE t.a = t.b OR t.a <> ? OR t.a < t.b AND t.a >= ?",
      "SELECT t.id AS c0 FROM t WHERE t.a = t.b OR t.a <> $1 OR t.a < t.b AND t.a >= $2",
      "SELECT t.id AS c0 FROM t WHERE t.a = t.b OR t.a <> ? OR t.a < t.b AND t.a >= ?"
    ]
  ],
  [
    "is null and is not null [F42.6]",
    of.select({ is: b.isNull(), not: b.isNotNull() }),
    [
      'SELECT t.b IS NULL AS "is", t.b IS NOT NULL AS "not" FROM t',
      'SELECT t.b IS NULL AS "is", t.b IS NOT NULL AS "not" FROM t',
      "SELECT t.b IS NULL AS `is`, t.b IS NOT NULL AS `not` FROM t"
    ]
  ],
  [
    "and, or and not [F43.1]",
    of.select({ x: yes.and(yes).or(yes.not()) }),
    ["SELECT t.yes AND t.yes OR NOT t.yes AS x FROM t"]
  ],
  [
    "and and or of nothing [F43.3]",
    of.where(Expr.and()).select({ and: Expr.and(), or: Expr.or() }),
    [
      'SELECT TRUE AS "and", FALSE AS "or" FROM t',
      'SELECT TRUE AS "and", FALSE AS "or" FROM t',
      "SELECT TRUE AS `and`, FALSE AS `or` FROM t"
    ]
  ],
  [
    "constants as conditions [F43.4]",
    of.where(Expr.or().not()).select({ c: Expr.when(Expr.or(), 1).else(2) }),
    [
      "SELECT CASE WHEN FALSE THEN ? ELSE ? END AS c FROM t",
      "SELECT CASE WHEN FALSE THEN $1::integer ELSE $2::integer END AS c FROM t",
      "SELECT CASE WHEN FALSE THEN CAST(? AS SIGNED) ELSE CAST(? AS SIGNED) END AS c FROM t"
    ]
  ],
  [
    "the empty list [F44.2]",
    of.where(a.in([])).select({ in: b.in([]) }),
    [
      'SELECT FALSE AS "in" FROM t WHERE FALSE',
      'SELECT FALSE AS "in" FROM t WHERE FALSE',
      "SELECT FALSE AS `in` FROM t WHERE FALSE"
    ]
  ],
  [
    "patterns [F45.1]",
    of.where(s.like("a%")).select(id),
    [
      "SELECT t.id AS c0 FROM t WHERE t.s LIKE ? ESCAPE '\\'",
      "SELECT t.id AS c0 FROM t WHERE t.s LIKE $1",
      "SELECT t.id AS c0 FROM t WHERE t.s LIKE ? ESCAPE '\\'"
    ]
  ],
  [
    "literal patterns [F45.3]",
    of.where(s.contains("5%")).select(id),
    [
      "SELECT t.id AS c0 FROM t WHERE t.s LIKE ? ESCAPE '\\'",
      "SELECT t.id AS c0 FROM t WHERE t.s LIKE $1",
      "SELECT t.id AS c0 FROM t WHERE t.s LIKE ? ESCAPE '\\'"
    ]
  ],
  [
    "divisions [F48.2 F48.3]",
    of.select({ div: a.div(b), quot: a.quot(b), rem: a.rem(2) }),
    [
      'SELECT CAST(t.a AS REAL) / t.b AS "div", t.a / t.b AS quot, t.a % ? AS rem FROM t',
      'SELECT CAST(t.a AS double precision) / nullif(t.b, 0) AS "div", t.a / ' +
        "nullif(t.b, 0) AS quot, t.a % nullif($1::integer, 0) AS rem FROM t",
      "SELECT CAST(t.a AS DOUBLE) / nullif(t.b, 0) AS `div`, t.a DIV nullif(t.b, 0) " +
        "AS quot, t.a % nullif(CAST(? AS SIGNED), 0) AS rem FROM t"
    ]
  ],
  [
    "concatenation [F50.1]",
    of.select(s.concat("x")),
    [
      "SELECT t.s || ? AS c0 FROM t",
      "SELECT t.s || $1::text AS c0 FROM t",
      "SELECT concat(t.s, CAST(? AS CHAR)) AS c0 FROM t"
    ]
  ],
  [
    "case [F54.1 F54.4]",
    of.select(Expr.when(a.gt(1), "x").when(b.isNull(), "y").end()),
    [
      "SELECT CASE WHEN t.a > ? THEN ? WHEN t.b IS NULL THEN ? END AS c0 FROM t",
      "SELECT CASE WHEN t.a > $1 THEN $2::text WHEN t.b IS NULL THEN $3::text END AS c0 FROM t",
      "SELECT CASE WHEN t.a > ? THEN CAST(? AS CHAR) WHEN t.b IS NULL THEN CAST(? AS " +
        "CHAR) END AS c0 FROM t"
    ]
  ],
  [
    "casts",
    of.select({ s: a.cast(Type.text), d: a.cast(Type.double), n: a.cast(Type.numeric(8, 2)) }),
    [
      "SELECT CAST(t.a AS TEXT) AS s, CAST(t.a AS REAL) AS d, t.a * 100 AS n FROM t",
      "SELECT CAST(t.a AS text) AS s, CAST(t.a AS double precision) AS d, CAST(t.a AS " +
        "numeric(8, 2)) AS n FROM t",
      "SELECT CAST(t.a AS CHAR) AS s, CAST(t.a AS DOUBLE) AS d, CAST(t.a AS " +
        "DECIMAL(8, 2)) AS n FROM t"
    ]
  ],
  [
    "a parameter twice [F56.3]",
    of.where(a.eq(n).or(b.eq(n))).select(id),
    [
      "SELECT t.id AS c0 FROM t WHERE t.a = ? OR t.b = ?",
      "SELECT t.id AS c0 FROM t WHERE t.a = $1 OR t.b = $1",
      "SELECT t.id AS c0 FROM t WHERE t.a = ? OR t.b = ?"
    ]
  ],
  [
    "signs of placeholders in literal parts [F58.4]",
    of.select(sql(Type.text)`'?:x $1 \\' || ${"?"}`),
    [
      "SELECT '?:x $1 \\' || ? AS c0 FROM t",
      "SELECT '?:x $1 \\' || $1::text AS c0 FROM t",
      "SELECT '?:x $1 \\' || CAST(? AS CHAR) AS c0 FROM t"
    ]
  ],
  [
    "an absent row has a flag [F65.3]",
    of.leftJoin(u, mine).select({ u }),
    [
      'SELECT u.id, u.t_id AS "tId", u.id IS NOT NULL AS c2 FROM t LEFT JOIN u ON u.t_id = t.id',
      'SELECT u.id, u.t_id AS "tId", u.id IS NOT NULL AS c2 FROM t LEFT JOIN u ON u.t_id = t.id',
      "SELECT u.id, u.t_id AS `tId`, u.id IS NOT NULL AS c2 FROM t LEFT JOIN u ON u.t_id = t.id"
    ]
  ],
  [
    "sources, records and expressions",
    of.select({ t, in: { twice: a.mul(2) } }),
    [
      "SELECT t.id, t.a, t.b, t.s, t.yes, t.a * ? AS twice FROM t",
      "SELECT t.id, t.a, t.b, t.s, t.yes, t.a * $1 AS twice FROM t",
      "SELECT t.id, t.a, t.b, t.s, t.yes, t.a * CAST(? AS SIGNED) AS twice FROM t"
    ]
  ],
  [
    "distinct [F66.1]",
    of.select({ b }).distinct().orderBy(b).limit(2),
    [
      "SELECT DISTINCT t.b FROM t ORDER BY t.b LIMIT ?",
      "SELECT DISTINCT t.b FROM t ORDER BY t.b NULLS FIRST LIMIT $1",
      "SELECT DISTINCT t.b FROM t ORDER BY t.b LIMIT ?"
    ]
  ],
  [
    "groups [F67.1]",
    of.groupBy(b).having(Fn.count().gt(1)).select({ b, n: Fn.count() }),
    [
      "SELECT t.b, count(*) AS n FROM t GROUP BY t.b HAVING count(*) > ?",
      "SELECT t.b, count(*) AS n FROM t GROUP BY t.b HAVING count(*) > $1",
      "SELECT t.b, count(*) AS n FROM t GROUP BY t.b HAVING count(*) > CAST(? AS SIGNED)"
    ]
  ],
  [
    "nulls first and last [F67.4]",
    of.orderBy(b.asc(), b.desc(), b.asc().nullsLast(), b.desc().nullsFirst()).select(id),
    [
      "SELECT t.id AS c0 FROM t ORDER BY t.b, t.b DESC, t.b NULLS LAST, t.b DESC NULLS FIRST",
      "SELECT t.id AS c0 FROM t ORDER BY t.b NULLS FIRST, t.b DESC NULLS LAST, t.b, t.b DESC",
      "SELECT t.id AS c0 FROM t ORDER BY t.b, t.b DESC, t.b IS NULL, t.b, t.b IS NOT NULL, t.b DESC"
    ]
  ],
  [
    "limit and offset [F68.1]",
    of.limit(9).offset(2).limit(3).select(id),
    [
      "SELECT t.id AS c0 FROM t LIMIT ? OFFSET ?",
      "SELECT t.id AS c0 FROM t LIMIT $1 OFFSET $2",
      "SELECT t.id AS c0 FROM t LIMIT ? OFFSET ?"
    ]
  ],
  [
    "offset alone [F68.2]",
    of.orderBy(id).offset(2).select(id),
    [
      "SELECT t.id AS c0 FROM t ORDER BY t.id LIMIT -1 OFFSET ?",
      "SELECT t.id AS c0 FROM t ORDER BY t.id OFFSET $1",
      "SELECT t.id AS c0 FROM t ORDER BY t.id LIMIT 9223372036854775807 OFFSET ?"
    ]
  ],
  [
    "a limit inside IN [F68.6]",
    of.where(id.in(some.orderBy(u.c.id).limit(1))).select(id),
    [
      "SELECT t.id AS c0 FROM t WHERE t.id IN (SELECT u.id AS n FROM u ORDER BY u.id LIMIT ?)",
      "SELECT t.id AS c0 FROM t WHERE t.id IN (SELECT u.id AS n FROM u ORDER BY u.id LIMIT $1)",
      "SELECT t.id AS c0 FROM t WHERE t.id IN (SELECT q1.n FROM (SELECT u.id AS n " +
        "FROM u ORDER BY u.id LIMIT ?) AS q1)"
    ]
  ],
  [
    "two columns of one name [F69.1]",
    of.join(u, mine).select({ t: id, u: u.c.id }),
    ["SELECT t.id AS t, u.id AS u FROM t JOIN u ON u.t_id = t.id"]
  ],
  [
    "a table beside itself [F70.2]",
    of.join(Query.alias(t, "o"), Expr.and()).select(id),
    ["SELECT t.id AS c0 FROM t JOIN t AS o ON TRUE"]
  ],
  [
    "exists and its negation [F71.2]",
    of.where(theirs.exists()).where(theirs.exists().not()).select(id),
    [
      "SELECT t.id AS c0 FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id) " +
        "AND NOT EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id)"
    ]
  ],
  [
    "a CTE used twice [F72.1]",
    Query.from(cte).join(Query.alias(cte, "d"), Expr.and()).select(cte.c.n),
    [
      "WITH c AS (SELECT u.id AS n FROM u WHERE u.id > ?) SELECT c.n AS c0 FROM c " +
        "JOIN c AS d ON TRUE",
      "WITH c AS (SELECT u.id AS n FROM u WHERE u.id > $1) SELECT c.n AS c0 FROM c " +
        "JOIN c AS d ON TRUE",
      "WITH c AS (SELECT u.id AS n FROM u WHERE u.id > ?) SELECT c.n AS c0 FROM c " +
        "JOIN c AS d ON TRUE"
    ]
  ],
  [
    "a CTE before a command [F72.4]",
    Query.deleteFrom(t).where(id.in(Query.from(cte))),
    [
      "WITH c AS (SELECT u.id AS n FROM u WHERE u.id > ?) DELETE FROM t WHERE t.id IN " +
        "(SELECT c.n FROM c)",
      "WITH c AS (SELECT u.id AS n FROM u WHERE u.id > $1) DELETE FROM t WHERE t.id " +
        "IN (SELECT c.n FROM c)",
      "DELETE FROM t WHERE t.id IN (SELECT c.n FROM (SELECT u.id AS n FROM u WHERE u.id > ?) AS c)"
    ]
  ],
  [
    "nested set operations [F73.4]",
    some.except(some.union(some)).unionAll(some),
    [
      "SELECT u.id AS n FROM u EXCEPT SELECT q1.n FROM (SELECT u.id AS n FROM u UNION " +
        "SELECT u.id AS n FROM u) AS q1 UNION ALL SELECT u.id AS n FROM u",
      "SELECT u.id AS n FROM u EXCEPT (SELECT u.id AS n FROM u UNION SELECT u.id AS n " +
        "FROM u) UNION ALL SELECT u.id AS n FROM u",
      "SELECT u.id AS n FROM u EXCEPT (SELECT u.id AS n FROM u UNION SELECT u.id AS n " +
        "FROM u) UNION ALL SELECT u.id AS n FROM u"
    ]
  ],
  [
    "order and limit of a member [F73.5]",
    some.orderBy(u.c.id).limit(1).unionAll(some).orderBy(u.c.id),
    [
      "SELECT q1.n FROM (SELECT u.id AS n FROM u ORDER BY u.id LIMIT ?) AS q1 UNION " +
        "ALL SELECT u.id AS n FROM u ORDER BY n",
      "(SELECT u.id AS n FROM u ORDER BY u.id LIMIT $1) UNION ALL SELECT u.id AS n " +
        "FROM u ORDER BY n NULLS FIRST",
      "(SELECT u.id AS n FROM u ORDER BY u.id LIMIT ?) UNION ALL SELECT u.id AS n FROM u ORDER BY n"
    ]
  ],
  [
    "update of matched rows",
    Query.update(t)
      .set({ a: a.add(1), s: "x" })
      .where(id.eq(1)),
    [
      "UPDATE t SET a = CASE WHEN t.a + ? NOT BETWEEN -2147483648 AND 2147483647 " +
        "THEN abs(-9223372036854775808) ELSE t.a + ? END, s = ? WHERE t.id = ?",
      "UPDATE t SET a = t.a + $1, s = $2 WHERE t.id = $3",
      "UPDATE t SET a = t.a + CAST(? AS SIGNED), s = ? WHERE t.id = ?"
    ]
  ],
  [
    "delete of matched rows [F80.1]",
    Query.deleteFrom(t).where(a.gt(1)),
    ["DELETE FROM t WHERE t.a > ?", "DELETE FROM t WHERE t.a > $1", "DELETE FROM t WHERE t.a > ?"]
  ]
]

describe("printed for mysql", () => {
  test.each(printed)("%s", (_, statement, [sqlite, postgres = sqlite, mysql = sqlite]) => {
    expectSql(statement, { sqlite: sqlite!, postgres: postgres!, mysql: mysql!, mariadb: mysql! })
  })
})
