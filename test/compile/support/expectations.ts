import type { Texts } from "./servers.ts"

/** What each dialect says of each statement, and what every server answers. */
export interface Expectation {
  readonly sql: Texts
  readonly rows: ReadonlyArray<unknown>
}

/** By the name of the statement. */
export const expectations: Readonly<Record<string, Expectation>> = {
  "by key": {
    sql: {
      sqlite:
        'SELECT users.id, users.username, users.display_name AS "displayName", ' +
        "users.active FROM users WHERE users.id = ?",
      postgres:
        'SELECT users.id, users.username, users.display_name AS "displayName", ' +
        "users.active FROM users WHERE users.id = $1",
      mysql:
        "SELECT users.id, users.username, users.display_name AS `displayName`, " +
        "users.active FROM users WHERE users.id = ?",
      mariadb:
        "SELECT users.id, users.username, users.display_name AS `displayName`, " +
        "users.active FROM users WHERE users.id = ?"
    },
    rows: [{ id: 1, username: "ann", displayName: "Ann", active: true }]
  },
  "left join": {
    sql: {
      sqlite:
        'SELECT users.username AS name, posts.id, posts.author_id AS "authorId", ' +
        "posts.title, posts.status, posts.views, posts.price, posts.id IS NOT NULL AS " +
        "c7 FROM users LEFT JOIN posts ON posts.author_id = users.id WHERE users.id = ?",
      postgres:
        'SELECT users.username AS name, posts.id, posts.author_id AS "authorId", ' +
        "posts.title, posts.status, posts.views, posts.price, posts.id IS NOT NULL AS " +
        "c7 FROM users LEFT JOIN posts ON posts.author_id = users.id WHERE users.id = " +
        "$1",
      mysql:
        "SELECT users.username AS name, posts.id, posts.author_id AS `authorId`, " +
        "posts.title, posts.status, posts.views, posts.price, posts.id IS NOT NULL AS " +
        "c7 FROM users LEFT JOIN posts ON posts.author_id = users.id WHERE users.id = ?",
      mariadb:
        "SELECT users.username AS name, posts.id, posts.author_id AS `authorId`, " +
        "posts.title, posts.status, posts.views, posts.price, posts.id IS NOT NULL AS " +
        "c7 FROM users LEFT JOIN posts ON posts.author_id = users.id WHERE users.id = ?"
    },
    rows: [{ name: "a_c", post: null }]
  },
  derived: {
    sql: {
      sqlite:
        "SELECT users.username AS name, counted.posts FROM users JOIN (SELECT " +
        'posts.author_id AS "authorId", count(*) AS posts FROM posts GROUP BY ' +
        'posts.author_id HAVING count(*) > ?) AS counted ON counted."authorId" = ' +
        "users.id",
      postgres:
        "SELECT users.username AS name, counted.posts FROM users JOIN (SELECT " +
        'posts.author_id AS "authorId", count(*) AS posts FROM posts GROUP BY ' +
        'posts.author_id HAVING count(*) > $1) AS counted ON counted."authorId" = ' +
        "users.id",
      mysql:
        "SELECT users.username AS name, counted.posts FROM users JOIN (SELECT " +
        "posts.author_id AS `authorId`, count(*) AS posts FROM posts GROUP BY " +
        "posts.author_id HAVING count(*) > CAST(? AS SIGNED)) AS counted ON " +
        "counted.`authorId` = users.id",
      mariadb:
        "SELECT users.username AS name, counted.posts FROM users JOIN (SELECT " +
        "posts.author_id AS `authorId`, count(*) AS posts FROM posts GROUP BY " +
        "posts.author_id HAVING count(*) > CAST(? AS SIGNED)) AS counted ON " +
        "counted.`authorId` = users.id"
    },
    rows: [{ name: "ann", posts: 2 }]
  },
  "order and slice": {
    sql: {
      sqlite:
        "SELECT users.display_name AS name FROM users ORDER BY users.display_name DESC," +
        " users.id LIMIT ? OFFSET ?",
      postgres:
        "SELECT users.display_name AS name FROM users ORDER BY users.display_name DESC " +
        "NULLS LAST, users.id LIMIT $1 OFFSET $2",
      mysql:
        "SELECT users.display_name AS name FROM users ORDER BY users.display_name DESC," +
        " users.id LIMIT ? OFFSET ?",
      mariadb:
        "SELECT users.display_name AS name FROM users ORDER BY users.display_name DESC," +
        " users.id LIMIT ? OFFSET ?"
    },
    rows: [{ name: "Ann" }]
  },
  "offset alone": {
    sql: {
      sqlite: "SELECT users.id FROM users ORDER BY users.id LIMIT -1 OFFSET ?",
      postgres: "SELECT users.id FROM users ORDER BY users.id OFFSET $1",
      mysql: "SELECT users.id FROM users ORDER BY users.id LIMIT 9223372036854775807 OFFSET ?",
      mariadb: "SELECT users.id FROM users ORDER BY users.id LIMIT 9223372036854775807 OFFSET ?"
    },
    rows: [{ id: 3 }]
  },
  "where after limit": {
    sql: {
      sqlite:
        "SELECT q1.id FROM (SELECT users.active, users.id FROM users ORDER BY users.id " +
        "LIMIT ?) AS q1 WHERE q1.active = ?",
      postgres:
        "SELECT q1.id FROM (SELECT users.active, users.id FROM users ORDER BY users.id " +
        "LIMIT $1) AS q1 WHERE q1.active = $2",
      mysql:
        "SELECT q1.id FROM (SELECT users.active, users.id FROM users ORDER BY users.id " +
        "LIMIT ?) AS q1 WHERE q1.active = ?",
      mariadb:
        "SELECT q1.id FROM (SELECT users.active, users.id FROM users ORDER BY users.id " +
        "LIMIT ?) AS q1 WHERE q1.active = ?"
    },
    rows: [{ id: 1 }, { id: 2 }]
  },
  "in a list": {
    sql: {
      sqlite:
        "SELECT users.id FROM users WHERE users.id IN (SELECT value FROM json_each(?)) " +
        "ORDER BY users.id",
      postgres: "SELECT users.id FROM users WHERE users.id = ANY($1) ORDER BY users.id",
      mysql: "SELECT users.id FROM users WHERE users.id IN (?, ?, ?, ?) ORDER BY users.id",
      mariadb: "SELECT users.id FROM users WHERE users.id IN (?, ?, ?, ?) ORDER BY users.id"
    },
    rows: [{ id: 1 }, { id: 3 }]
  },
  "in no list": {
    sql: {
      sqlite: "SELECT users.id FROM users WHERE FALSE",
      postgres: "SELECT users.id FROM users WHERE FALSE",
      mysql: "SELECT users.id FROM users WHERE FALSE",
      mariadb: "SELECT users.id FROM users WHERE FALSE"
    },
    rows: []
  },
  "not in": {
    sql: {
      sqlite:
        "SELECT users.username AS name FROM users WHERE users.username NOT IN (SELECT " +
        "value FROM json_each(?)) ORDER BY users.username",
      postgres:
        "SELECT users.username AS name FROM users WHERE users.username <> ALL($1) ORDER" +
        " BY users.username",
      mysql:
        "SELECT users.username AS name FROM users WHERE users.username NOT IN (?) ORDER" +
        " BY users.username",
      mariadb:
        "SELECT users.username AS name FROM users WHERE users.username NOT IN (?) ORDER" +
        " BY users.username"
    },
    rows: [{ name: "a_c" }, { name: "bob" }]
  },
  exists: {
    sql: {
      sqlite:
        "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM posts WHERE " +
        "posts.author_id = users.id) ORDER BY users.id",
      postgres:
        "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM posts WHERE " +
        "posts.author_id = users.id) ORDER BY users.id",
      mysql:
        "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM posts WHERE " +
        "posts.author_id = users.id) ORDER BY users.id",
      mariadb:
        "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM posts WHERE " +
        "posts.author_id = users.id) ORDER BY users.id"
    },
    rows: [{ id: 1 }, { id: 2 }]
  },
  like: {
    sql: {
      sqlite: "SELECT users.username AS name FROM users WHERE users.username LIKE ? ESCAPE '\\'",
      postgres: "SELECT users.username AS name FROM users WHERE users.username LIKE $1",
      mysql: "SELECT users.username AS name FROM users WHERE users.username LIKE ? ESCAPE '\\'",
      mariadb: "SELECT users.username AS name FROM users WHERE users.username LIKE ? ESCAPE '\\'"
    },
    rows: [{ name: "a_c" }]
  },
  precedence: {
    sql: {
      sqlite:
        "SELECT (posts.views + ?) * ? AS n, posts.views - (posts.id - ?) AS m FROM " +
        "posts WHERE (posts.views > ? OR posts.id = ?) AND posts.status <> ? ORDER " +
        "BY posts.id",
      postgres:
        "SELECT (posts.views + $1) * $2 AS n, posts.views - (posts.id - $3) AS m FROM " +
        "posts WHERE (posts.views > $4 OR posts.id = $5) AND posts.status <> $6 " +
        "ORDER BY posts.id",
      mysql:
        "SELECT (posts.views + CAST(? AS SIGNED)) * CAST(? AS SIGNED) AS n, posts.views" +
        " - (posts.id - CAST(? AS SIGNED)) AS m FROM posts WHERE (posts.views > ? OR " +
        "posts.id = ?) AND posts.status <> ? ORDER BY posts.id",
      mariadb:
        "SELECT (posts.views + CAST(? AS SIGNED)) * CAST(? AS SIGNED) AS n, posts.views" +
        " - (posts.id - CAST(? AS SIGNED)) AS m FROM posts WHERE (posts.views > ? OR " +
        "posts.id = ?) AND posts.status <> ? ORDER BY posts.id"
    },
    rows: [
      { n: 16, m: 7 },
      { n: 14, m: 4 }
    ]
  },
  division: {
    sql: {
      sqlite:
        "SELECT posts.views / ? AS quotient, posts.views % ? AS rest, CAST(posts.views " +
        "AS REAL) / ? AS half, CAST(posts.views AS REAL) / ? AS none FROM posts ORDER " +
        "BY posts.id",
      postgres:
        "SELECT posts.views / nullif($1::integer, 0) AS quotient, posts.views % " +
        "nullif($2::integer, 0) AS rest, CAST(posts.views AS double precision) / " +
        "nullif($3::integer, 0) AS half, CAST(posts.views AS double precision) / " +
        "nullif($4::integer, 0) AS none FROM posts ORDER BY posts.id",
      mysql:
        "SELECT posts.views DIV nullif(CAST(? AS SIGNED), 0) AS quotient, posts.views %" +
        " nullif(CAST(? AS SIGNED), 0) AS rest, CAST(posts.views AS DOUBLE) / " +
        "nullif(CAST(? AS SIGNED), 0) AS half, CAST(posts.views AS DOUBLE) / " +
        "nullif(CAST(? AS SIGNED), 0) AS none FROM posts ORDER BY posts.id",
      mariadb:
        "SELECT posts.views DIV nullif(CAST(? AS SIGNED), 0) AS quotient, posts.views %" +
        " nullif(CAST(? AS SIGNED), 0) AS rest, CAST(posts.views AS DOUBLE) / " +
        "nullif(CAST(? AS SIGNED), 0) AS half, CAST(posts.views AS DOUBLE) / " +
        "nullif(CAST(? AS SIGNED), 0) AS none FROM posts ORDER BY posts.id"
    },
    rows: [
      { quotient: 3, rest: 3, half: 3.5, none: null },
      { quotient: 1, rest: 2, half: 1, none: null },
      { quotient: 3, rest: 2, half: 3, none: null }
    ]
  },
  aggregates: {
    sql: {
      sqlite:
        'SELECT count(*) AS "all", avg(posts.views) AS mean, sum(posts.views) AS "sum",' +
        " max(posts.title) AS most FROM posts",
      postgres:
        'SELECT count(*) AS "all", avg(CAST(posts.views AS double precision)) AS mean, ' +
        'sum(posts.views) AS "sum", max(posts.title) AS most FROM posts',
      mysql:
        "SELECT count(*) AS `all`, avg(CAST(posts.views AS DOUBLE)) AS mean, " +
        "sum(posts.views) AS `sum`, max(posts.title) AS most FROM posts",
      mariadb:
        "SELECT count(*) AS `all`, avg(CAST(posts.views AS DOUBLE)) AS mean, " +
        "sum(posts.views) AS `sum`, max(posts.title) AS most FROM posts"
    },
    rows: [{ all: 3, mean: 5, sum: 15, most: "c" }]
  },
  decimals: {
    sql: {
      sqlite:
        'SELECT sum(posts.price) AS "sum", max(posts.price + posts.price) AS twice FROM' +
        " posts WHERE posts.price > ?",
      postgres:
        'SELECT sum(posts.price) AS "sum", max(posts.price + posts.price) AS twice FROM' +
        " posts WHERE posts.price > $1",
      mysql:
        "SELECT sum(posts.price) AS `sum`, max(posts.price + posts.price) AS twice FROM" +
        " posts WHERE posts.price > CAST(? AS DECIMAL(10, 2))",
      mariadb:
        "SELECT sum(posts.price) AS `sum`, max(posts.price + posts.price) AS twice FROM" +
        " posts WHERE posts.price > CAST(? AS DECIMAL(10, 2))"
    },
    rows: [{ sum: "12.25", twice: "20.5" }]
  },
  union: {
    sql: {
      sqlite:
        "SELECT users.id FROM users UNION SELECT posts.author_id AS id FROM posts ORDER BY id",
      postgres:
        "SELECT users.id FROM users UNION SELECT posts.author_id AS id FROM posts ORDER" +
        " BY id NULLS FIRST",
      mysql: "SELECT users.id FROM users UNION SELECT posts.author_id AS id FROM posts ORDER BY id",
      mariadb:
        "SELECT users.id FROM users UNION SELECT posts.author_id AS id FROM posts ORDER BY id"
    },
    rows: [{ id: 1 }, { id: 2 }, { id: 3 }]
  },
  distinct: {
    sql: {
      sqlite:
        "SELECT DISTINCT posts.author_id AS author FROM posts WHERE posts.status = ? " +
        "ORDER BY posts.author_id DESC",
      postgres:
        "SELECT DISTINCT posts.author_id AS author FROM posts WHERE posts.status = $1 " +
        "ORDER BY posts.author_id DESC",
      mysql:
        "SELECT DISTINCT posts.author_id AS author FROM posts WHERE posts.status = ? " +
        "ORDER BY posts.author_id DESC",
      mariadb:
        "SELECT DISTINCT posts.author_id AS author FROM posts WHERE posts.status = ? " +
        "ORDER BY posts.author_id DESC"
    },
    rows: [{ author: 2 }, { author: 1 }]
  },
  text: {
    sql: {
      sqlite:
        "SELECT upper(users.username) AS loud, length(users.username) AS size, " +
        'users.username || ? AS "both", coalesce(users.display_name, ?) AS shown FROM ' +
        "users WHERE users.id = ?",
      postgres:
        "SELECT upper(users.username) AS loud, length(users.username) AS size, " +
        'users.username || $1::text AS "both", coalesce(users.display_name, $2::text) ' +
        "AS shown FROM users WHERE users.id = $3",
      mysql:
        "SELECT upper(users.username) AS loud, char_length(users.username) AS size, " +
        "concat(users.username, CAST(? AS CHAR)) AS `both`, " +
        "coalesce(users.display_name, CAST(? AS CHAR)) AS shown FROM users WHERE " +
        "users.id = ?",
      mariadb:
        "SELECT upper(users.username) AS loud, char_length(users.username) AS size, " +
        "concat(users.username, CAST(? AS CHAR)) AS `both`, " +
        "coalesce(users.display_name, CAST(? AS CHAR)) AS shown FROM users WHERE " +
        "users.id = ?"
    },
    rows: [{ loud: "ANN", size: 3, both: "ann!", shown: "Ann" }]
  },
  update: {
    sql: {
      sqlite: "UPDATE users SET display_name = ? WHERE users.username = ?",
      postgres: "UPDATE users SET display_name = $1 WHERE users.username = $2",
      mysql: "UPDATE users SET display_name = ? WHERE users.username = ?",
      mariadb: "UPDATE users SET display_name = ? WHERE users.username = ?"
    },
    rows: []
  },
  delete: {
    sql: {
      sqlite: "DELETE FROM posts WHERE posts.views < ?",
      postgres: "DELETE FROM posts WHERE posts.views < $1",
      mysql: "DELETE FROM posts WHERE posts.views < ?",
      mariadb: "DELETE FROM posts WHERE posts.views < ?"
    },
    rows: []
  }
}
