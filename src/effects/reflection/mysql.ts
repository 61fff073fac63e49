import { inQuotes } from "../../algebra/inQuotes.ts"
import * as Effect from "effect/Effect"
import type { DialectName } from "../../algebra/Dialect.ts"
import type {
  SnapshotColumn,
  SnapshotForeignKey,
  SnapshotIndex,
  SnapshotSequence,
  SnapshotTable
} from "../../algebra/schema/Snapshot.ts"
import type { ReferentialAction } from "../../algebra/Source.ts"
import { unsafeSql } from "../../algebra/template.ts"
import * as T from "../../algebra/types.ts"
import { normalDefault, withoutParentheses } from "../../compile/schema/normalDefault.ts"
import { normalType } from "../../compile/schema/normalType.ts"
import { standardLiterals } from "../../compile/schema/standardLiterals.ts"
import { isConstraint } from "../../compile/schema/uniqueIndex.ts"
import { charsetOf } from "../../compile/schema/storedOptions.ts"
import { readType } from "../../compile/schema/readType.ts"
import { isText } from "../../compile/sqlTypes.ts"
import { createdAs, hasWhole } from "./mariadbCreated.ts"
import { mayHavePeriod } from "./mariadbPeriods.ts"
import { asking, groupedBy, type Reader, remaining, type RowOf } from "./Reader.ts"

const relations = (schema: string | null) =>
  asking({
    name: T.text,
    kind: T.text,
    remark: T.text,
    engine: T.text,
    collation: T.text,
    kept: T.text,
    home: T.text
  })`
    SELECT t.TABLE_NAME AS name, t.TABLE_TYPE AS kind, t.TABLE_COMMENT AS remark,
      t.ENGINE AS engine, t.TABLE_COLLATION AS collation, t.CREATE_OPTIONS AS kept,
      DATABASE() AS home
    FROM information_schema.TABLES AS t WHERE t.TABLE_SCHEMA = coalesce(${schema}, DATABASE())`

/** Asked only where a table says that it has any. */
const partitions = (schema: string | null) =>
  asking({
    owner: T.text,
    name: T.text,
    method: T.text,
    of: T.text,
    bound: T.text
  })`
    SELECT p.TABLE_NAME AS owner, p.PARTITION_NAME AS name, p.PARTITION_METHOD AS method,
      p.PARTITION_EXPRESSION AS of, p.PARTITION_DESCRIPTION AS bound
    FROM information_schema.PARTITIONS AS p
    WHERE p.TABLE_SCHEMA = coalesce(${schema}, DATABASE()) AND p.PARTITION_METHOD IS NOT NULL
    ORDER BY p.TABLE_NAME, p.PARTITION_ORDINAL_POSITION`

const partitioned = /\bpartitioned\b/i

/** `row_format=COMPRESSED key_block_size=8` by name; a value may be in quotes, so may a name. */
const keptOptions = (text: string): SnapshotTable["options"] =>
  Object.fromEntries(
    Array.from(
      text.matchAll(/`?(\w+)`?=(?:'((?:[^']|'')*)'|"([^"]*)"|(\S+))/g),
      ([, name, single, double, bare]) => [
        name!.toLowerCase(),
        single?.replaceAll("''", "'") ?? double ?? bare!
      ]
    )
  )

/** How the rows of a table are kept apart, in the server's words. */
const partitionOf = (
  parts: ReadonlyArray<RowOf<typeof partitions>>
): { readonly partition?: string } => {
  const [first] = parts
  if (first === undefined) return {}
  const each = parts.map(({ bound, name }) => (bound === null ? name : `${name}: ${bound}`))
  return { partition: `${first.method}(${first.of}) ${each.join("; ")}` }
}

const quoted = (name: string): string => inQuotes(name, "`")
const literal = (text: string): string => inQuotes(text, "'")

/** What sequences count by stands in each of them: asked of all in one statement. */
const counters = (schema: string | null, names: ReadonlyArray<string>) =>
  asking({ name: T.text, counts: T.text })(
    unsafeSql(
      names
        .map(
          (name) => `SELECT ${literal(name)} AS name, concat_ws(' ', start_value, increment,
            minimum_value, maximum_value, cycle_option, cache_size) AS counts
          FROM ${schema === null ? "" : `${quoted(schema)}.`}${quoted(name)}`
        )
        .join(" UNION ALL ")
    )
  )

const sequenceOf = (
  schema: string | null,
  { counts, name }: RowOf<typeof counters>
): SnapshotSequence => {
  const [start, increment, minimum, maximum, cycle, cache] = counts!.split(" ").map(BigInt)
  return {
    schema,
    name: name!,
    start: start!,
    increment: increment!,
    minimum: minimum!,
    maximum: maximum!,
    cycle: cycle === 1n,
    cache: cache!
  }
}

const columns = (schema: string | null) =>
  asking({
    owner: T.text,
    name: T.text,
    type: T.text,
    may_be_null: T.text,
    value: T.text,
    extra: T.text,
    remark: T.text,
    collation: T.text,
    computed: T.text
  })`
    SELECT c.TABLE_NAME AS owner, c.COLUMN_NAME AS name, c.COLUMN_TYPE AS type,
      c.IS_NULLABLE AS may_be_null, c.COLUMN_DEFAULT AS value, c.EXTRA AS extra,
      c.COLUMN_COMMENT AS remark, c.COLLATION_NAME AS collation,
      c.GENERATION_EXPRESSION AS computed
    FROM information_schema.COLUMNS AS c WHERE c.TABLE_SCHEMA = coalesce(${schema}, DATABASE())
    ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`

const keys = (schema: string | null) =>
  asking({
    owner: T.text,
    name: T.text,
    column_name: T.text,
    target_schema: T.text,
    target: T.text,
    target_column: T.text,
    deletes: T.text,
    updates: T.text
  })`
    SELECT k.TABLE_NAME AS owner, k.CONSTRAINT_NAME AS name, k.COLUMN_NAME AS column_name,
      k.REFERENCED_TABLE_SCHEMA AS target_schema, k.REFERENCED_TABLE_NAME AS target,
      k.REFERENCED_COLUMN_NAME AS target_column, r.DELETE_RULE AS deletes, r.UPDATE_RULE AS updates
    FROM information_schema.KEY_COLUMN_USAGE AS k
      LEFT JOIN information_schema.REFERENTIAL_CONSTRAINTS AS r
        ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.TABLE_NAME = k.TABLE_NAME
          AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
    WHERE k.TABLE_SCHEMA = coalesce(${schema}, DATABASE())
      AND k.REFERENCED_TABLE_NAME IS NOT NULL
    ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION`

const indexes = (schema: string | null) =>
  asking({
    owner: T.text,
    name: T.text,
    repeats: T.integer,
    column_name: T.text,
    direction: T.text,
    method: T.text,
    part: T.bigint,
    remark: T.text
  })`
    SELECT s.TABLE_NAME AS owner, s.INDEX_NAME AS name, s.NON_UNIQUE AS repeats,
      s.COLUMN_NAME AS column_name, s.COLLATION AS direction, s.INDEX_TYPE AS method,
      s.SUB_PART AS part, s.INDEX_COMMENT AS remark
    FROM information_schema.STATISTICS AS s
    WHERE s.TABLE_SCHEMA = coalesce(${schema}, DATABASE())
    ORDER BY s.TABLE_NAME, s.INDEX_NAME, s.SEQ_IN_INDEX`

const mariadbChecks = (schema: string | null) =>
  asking({ owner: T.text, name: T.text, level: T.text, predicate: T.text })`
    SELECT c.TABLE_NAME AS owner, c.CONSTRAINT_NAME AS name, c.LEVEL AS level,
      c.CHECK_CLAUSE AS predicate
    FROM information_schema.CHECK_CONSTRAINTS AS c
    WHERE c.CONSTRAINT_SCHEMA = coalesce(${schema}, DATABASE())`

const mysqlChecks = (schema: string | null) =>
  asking({ owner: T.text, name: T.text, level: T.text, predicate: T.text })`
    SELECT t.TABLE_NAME AS owner, c.CONSTRAINT_NAME AS name, 'Table' AS level,
      c.CHECK_CLAUSE AS predicate
    FROM information_schema.CHECK_CONSTRAINTS AS c
      JOIN information_schema.TABLE_CONSTRAINTS AS t
        ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME
    WHERE c.CONSTRAINT_SCHEMA = coalesce(${schema}, DATABASE())`

const views = (schema: string | null) =>
  asking({ name: T.text, definition: T.text })`
    SELECT v.TABLE_NAME AS name, v.VIEW_DEFINITION AS definition
    FROM information_schema.VIEWS AS v WHERE v.TABLE_SCHEMA = coalesce(${schema}, DATABASE())`

type Column = RowOf<typeof columns>
type Check = Pick<RowOf<typeof mariadbChecks>, "name" | "level" | "predicate">
type Key = RowOf<typeof keys>
type IndexPart = RowOf<typeof indexes>

/** MySQL reports a literal bare, and says of an expression that it is one. */
const defaultText = (dialect: DialectName, { extra, type, value }: Column): string | null => {
  if (value === null || (dialect === "mariadb" && value === "NULL")) return null
  if (dialect === "mariadb") return standardLiterals(value)
  if (/DEFAULT_GENERATED/.test(extra ?? "")) return value
  return /^(?:tiny|small|medium|big)?int|^(?:double|float|decimal)/.test(type ?? "")
    ? value
    : literal(value)
}

/** An expression, of which MariaDB's literals become standard. */
const textOn = (dialect: DialectName, text: string): string =>
  dialect === "mariadb" ? standardLiterals(text) : text

const columnOf = (
  dialect: DialectName,
  row: Column,
  { checks, home, tableCollation }: Around
): SnapshotColumn => {
  const type = normalType(dialect, row.type ?? "")
  const isJson = checks.some((one) => guardsJson(one) && one.name === row.name)
  const sql = isJson ? ({ _tag: "Json" } as const) : readType(dialect, type)
  const extra = row.extra ?? ""
  const text = ofHome(defaultText(dialect, row), home)
  return {
    name: row.name!,
    type,
    sql,
    nullable: row.may_be_null === "YES",
    default:
      text === null
        ? null
        : normalDefault(dialect, text, sql?._tag === "Boolean", sql !== null && isText(sql)),
    computed:
      row.computed === null || row.computed === ""
        ? null
        : {
            expression: withoutParentheses(textOn(dialect, row.computed)),
            stored: /STORED|PERSISTENT/.test(extra)
          },
    identity: /auto_increment/i.test(extra) ? "auto" : null,
    counter: null,
    collation: isJson || row.collation === tableCollation ? null : row.collation,
    ...attributesOf(extra),
    comment: commentOf(row.remark)
  }
}

/** What is known of a column beside its row. */
interface Around {
  readonly tableCollation: string | null
  readonly checks: ReadonlyArray<Check>
  /** The database that is read, where it goes without its name. */
  readonly home: string | null
}

/** A sequence of the database itself: named with it, the default of another would count by it. */
const ofHome = (text: string | null, home: string | null): string | null =>
  text === null || home === null || !text.startsWith("nextval(")
    ? text
    : text.replace(`nextval(${quoted(home)}.`, "nextval(")

/** What athanor has no words for, and what a column that is said again would lose. */
const attributesOf = (extra: string): { readonly attributes?: string } => {
  const found = extra.match(
    /\bon update current_timestamp(?:\(\d*\))?|\binvisible\b|\bwithout system versioning\b/gi
  )
  return found === null ? {} : { attributes: found.join(" ") }
}

/** MariaDB checks its texts of JSON by a rule it makes itself. */
const guardsJson = ({ level, predicate }: Check): boolean =>
  level === "Column" && /^json_valid\(/i.test(predicate ?? "")

const actionOf = (rule: string | null): ReferentialAction =>
  (rule ?? "no action").toLowerCase() as ReferentialAction

const foreignKeyOf = (
  name: string,
  parts: ReadonlyArray<Key>,
  { deletes, updates }: Pick<Key, "deletes" | "updates">,
  home: string | null,
  schema: string | null
): SnapshotForeignKey => {
  const { target, target_schema } = parts[0]!
  return {
    name,
    columns: parts.map((part) => part.column_name!),
    // A table of the schema that is read goes by the name it is read under.
    target: {
      schema:
        target_schema === (schema ?? home) ? schema : target_schema === home ? null : target_schema,
      table: target!
    },
    targetColumns: parts.map((part) => part.target_column!),
    onDelete: actionOf(deletes),
    onUpdate: actionOf(updates),
    deferrable: "no",
    match: "simple",
    comment: null
  }
}

const commentOf = (remark: string | null): string | null => (remark === "" ? null : remark)

const indexOf = (name: string, parts: ReadonlyArray<IndexPart>): SnapshotIndex => ({
  name,
  unique: parts[0]!.repeats === 0,
  parts: parts.map(({ column_name, direction, method, part }) => ({
    column: column_name,
    expression: null,
    descending: direction === "D",
    operatorClass: null,
    // A spatial index says of each part how much of it there is.
    length: part === null || method === "SPATIAL" ? null : Number(part)
  })),
  where: null,
  method: (parts[0]!.method ?? "btree").toLowerCase(),
  include: [],
  nullsEqual: false,
  options: {},
  comment: commentOf(parts[0]!.remark)
})

/** The rows of one name together, in the order of their names. */
const named = <Row extends { readonly name: string | null }>(
  rows: ReadonlyArray<Row>
): ReadonlyArray<readonly [string, ReadonlyArray<Row>]> => {
  const of = groupedBy(rows, "name")
  return [...new Set(rows.map(({ name }) => name!))].map((name) => [name, of(name)] as const)
}

/**
 * Reads a schema of MariaDB or MySQL in eight questions of its information schema, and one for each
 * table that may have a period, or of which the account is not told all.
 */
export const readMysql =
  (dialect: "mysql" | "mariadb"): Reader =>
  (ask, schema) =>
    Effect.gen(function* () {
      const first = yield* ask(relations(schema))
      const columnsOf = groupedBy(yield* ask(columns(schema)), "owner")
      const keysOf = groupedBy(yield* ask(keys(schema)), "owner")
      const indexesOf = groupedBy(yield* ask(indexes(schema)), "owner")
      const checksOf = groupedBy(
        yield* ask(dialect === "mariadb" ? mariadbChecks(schema) : mysqlChecks(schema)),
        "owner"
      )
      const definitionOf = groupedBy(yield* ask(views(schema)), "name")
      const found = remaining(first, yield* ask(relations(schema)), "name")
      const sequenceNames = found.filter(({ kind }) => kind === "SEQUENCE").map(({ name }) => name!)
      const counting = sequenceNames.length === 0 ? [] : yield* ask(counters(schema, sequenceNames))
      const isParted = found.some(({ kept }) => partitioned.test(kept ?? ""))
      const partsOf = groupedBy(isParted ? yield* ask(partitions(schema)) : [], "owner")
      const base = found.filter(({ kind }) => kind === "BASE TABLE" || kind === "SYSTEM VERSIONED")
      const isTold = dialect === "mysql" || (yield* hasWhole(ask, schema))
      // Of these the information schema does not say all.
      const asked = base.filter(
        ({ name }) =>
          dialect === "mariadb" &&
          (!isTold ||
            keysOf(name).some(({ deletes }) => deletes === null) ||
            mayHavePeriod({
              columns: columnsOf(name),
              checks: checksOf(name),
              keys: named(indexesOf(name).filter(({ repeats }) => repeats === 0)).map(([, parts]) =>
                parts.map(({ column_name }) => column_name)
              )
            }))
      )
      const created = new Map(
        yield* Effect.forEach(asked, ({ name }) =>
          Effect.map(createdAs(ask, schema, name!), (one) => [name, one] as const)
        )
      )
      const tables = base.map(
        ({ collation, engine, home, kept, kind, name, remark }): SnapshotTable => {
          const text = created.get(name)
          const checks: ReadonlyArray<Check> = text?.checks ?? checksOf(name)
          const period = text?.period ?? null
          const periodIn = (index: SnapshotIndex) =>
            period?.keys.has(index.name) === true ? { period: period.name } : {}
          const all = named(indexesOf(name)).map(([index, parts]) => indexOf(index, parts))
          const primary = all.find((index) => index.name === "PRIMARY")
          const foreignKeys = named(keysOf(name)).map(([key, parts]) =>
            foreignKeyOf(key, parts, text?.actions.get(key) ?? parts[0]!, home, schema)
          )
          const columnsIn = ({ parts }: SnapshotIndex) => parts.map(({ column }) => column!)
          return {
            schema,
            name: name!,
            columns: columnsOf(name).map((row) =>
              columnOf(dialect, row, {
                checks,
                home: schema === null ? home : null,
                tableCollation: collation
              })
            ),
            primaryKey:
              primary === undefined
                ? null
                : {
                    name: null,
                    columns: columnsIn(primary),
                    ...periodIn(primary),
                    comment: primary.comment
                  },
            uniques: all
              .filter((index) => isConstraint(index) && index !== primary)
              .map((index) => ({
                name: index.name,
                columns: columnsIn(index),
                include: [],
                nullsEqual: false,
                deferrable: "no",
                ...periodIn(index),
                comment: index.comment
              })),
            exclusions: [],
            foreignKeys,
            checks: checks
              .filter((check) => !guardsJson(check))
              .map((check) => ({
                name: check.name,
                predicate: withoutParentheses(textOn(dialect, check.predicate ?? "")),
                comment: null
              })),
            // The server makes an index of its own for a foreign key, by the key's name.
            indexes: all.filter(
              (index) => !isConstraint(index) && !foreignKeys.some((key) => key.name === index.name)
            ),
            comment: commentOf(remark),
            options: {
              ...(engine === null ? {} : { engine }),
              ...(collation === null ? {} : { charset: charsetOf(collation), collation }),
              ...keptOptions(kept ?? ""),
              ...partitionOf(partsOf(name)),
              ...(kind === "SYSTEM VERSIONED" ? { versioned: "yes" } : {}),
              ...(period === null ? {} : { period: period.told }),
              ...(text === null ? { hidden: "what the account has no right to" } : {})
            }
          }
        }
      )
      return {
        dialect,
        tables,
        views: found
          .filter(({ kind }) => kind === "VIEW")
          .map(({ name }) => ({
            schema,
            name: name!,
            materialized: false,
            definition: textOn(dialect, definitionOf(name)[0]?.definition ?? ""),
            columns: columnsOf(name)
              .map((row) =>
                columnOf(dialect, row, { checks: [], home: null, tableCollation: null })
              )
              .map(({ name: column, nullable, sql, type }) => ({
                name: column,
                type,
                sql,
                nullable
              }))
          })),
        sequences: counting.map((row) => sequenceOf(schema, row)),
        enums: [],
        domains: []
      }
    })
