import * as Effect from "effect/Effect"
import type {
  SnapshotColumn,
  SnapshotCounter,
  SnapshotDomain,
  SnapshotExclusion,
  SnapshotForeignKey,
  SnapshotIndexPart,
  SnapshotKey,
  SnapshotTable,
  SnapshotUnique
} from "../../algebra/schema/Snapshot.ts"
import type { ReferentialAction } from "../../algebra/Source.ts"
import * as T from "../../algebra/types.ts"
import { normalDefault, withoutParentheses } from "../../compile/schema/normalDefault.ts"
import { normalType } from "../../compile/schema/normalType.ts"
import { readType } from "../../compile/schema/readType.ts"
import { isText } from "../../compile/sqlTypes.ts"
import { asking, groupedBy, type Reader, remaining, type RowOf, texts } from "./Reader.ts"

const relations = (schema: string | null) =>
  asking({
    id: T.text,
    name: T.text,
    kind: T.text,
    remark: T.text,
    definition: T.text,
    storage: T.text,
    method: T.text,
    tablespace: T.text,
    persistence: T.text,
    partition: T.text,
    bounds: T.text,
    parents: T.text
  })`
    SELECT c.oid::text AS id, c.relname::text AS name, c.relkind::text AS kind,
      obj_description(c.oid, 'pg_class') AS remark,
      CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
      array_to_json(c.reloptions)::text AS storage, m.amname::text AS method,
      s.spcname::text AS tablespace, c.relpersistence::text AS persistence,
      CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition,
      pg_get_expr(c.relpartbound, c.oid) AS bounds,
      (SELECT string_agg(h.inhparent::regclass::text, ', ' ORDER BY h.inhseqno)
        FROM pg_inherits AS h WHERE h.inhrelid = c.oid) AS parents
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_am AS m ON m.oid = c.relam
      LEFT JOIN pg_tablespace AS s ON s.oid = c.reltablespace
    WHERE n.nspname = coalesce(${schema}, current_schema())
      AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
      AND NOT EXISTS (SELECT 1 FROM pg_depend AS e
        WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')`

const columns = (schema: string | null) =>
  asking({
    id: T.text,
    name: T.text,
    type: T.text,
    required: T.boolean,
    value: T.text,
    identity: T.text,
    counts: T.text,
    generated: T.text,
    remark: T.text,
    collation: T.text
  })`
    SELECT a.attrelid::text AS id, a.attname::text AS name,
      format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
      pg_get_expr(d.adbin, d.adrelid) AS value, a.attidentity::text AS identity,
      CASE WHEN a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%'
        THEN (SELECT json_build_array(s.seqstart::text,
          s.seqincrement::text, s.seqmin::text, s.seqmax::text, s.seqcycle, s.seqcache::text)::text
        FROM pg_depend AS o JOIN pg_sequence AS s ON s.seqrelid = o.objid
        WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass
          AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum
          AND (o.deptype = 'i' OR o.deptype = 'a' AND pg_get_expr(d.adbin, d.adrelid) =
            format('nextval(%L::regclass)', s.seqrelid::regclass::text))) END
        AS counts,
      a.attgenerated::text AS generated, col_description(a.attrelid, a.attnum) AS remark,
      CASE WHEN a.attcollation <> t.typcollation THEN l.collname::text END AS collation
    FROM pg_attribute AS a
      JOIN pg_class AS c ON c.oid = a.attrelid
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_type AS t ON t.oid = a.atttypid
      LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
    WHERE n.nspname = coalesce(${schema}, current_schema())
      AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
      AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attrelid, a.attnum`

const constraints = (schema: string | null) =>
  asking({
    id: T.text,
    name: T.text,
    kind: T.text,
    own: T.text,
    others: T.text,
    target_schema: T.text,
    beside: T.boolean,
    target: T.text,
    deletes: T.text,
    updates: T.text,
    deferrable: T.boolean,
    deferred: T.boolean,
    matching: T.text,
    predicate: T.text,
    included: T.text,
    equal: T.boolean,
    excluded: T.text,
    method: T.text,
    condition: T.text,
    checked: T.boolean,
    alone: T.boolean,
    enforced: T.boolean,
    set: T.text,
    period: T.boolean,
    remark: T.text
  })`
    SELECT k.conrelid::text AS id, k.conname::text AS name, k.contype::text AS kind,
      (SELECT json_agg(a.attname ORDER BY u.place)::text
        FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number) AS own,
      (SELECT json_agg(a.attname ORDER BY u.place)::text
        FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
        JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.number) AS others,
      CASE WHEN fn.nspname <> current_schema() THEN fn.nspname::text END AS target_schema,
      f.relnamespace = c.relnamespace AS beside,
      f.relname::text AS target, k.confdeltype::text AS deletes, k.confupdtype::text AS updates,
      k.condeferrable AS deferrable, k.condeferred AS deferred,
      k.confmatchtype::text AS matching, pg_get_expr(k.conbin, k.conrelid) AS predicate,
      (SELECT json_agg(a.attname ORDER BY u.place)::text
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u (number, place)
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number
        WHERE u.place > i.indnkeyatts) AS included,
      to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' AS equal,
      (SELECT json_agg(json_build_array(a.attname,
          CASE WHEN p.number = 0 THEN pg_get_indexdef(i.indexrelid, p.place::int, true) END,
          o.oprname) ORDER BY p.place)::text
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS p (number, place)
        JOIN pg_operator AS o ON o.oid = k.conexclop[p.place]
        LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = p.number
      ) AS excluded,
      m.amname::text AS method, pg_get_expr(i.indpred, i.indrelid) AS condition,
      k.convalidated AS checked, k.connoinherit AS alone,
      k.convalidated OR to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false' AS enforced,
      CASE WHEN k.confdeltype IN ('n', 'd') THEN
        (SELECT json_agg(a.attname ORDER BY a.attnum)::text
          FROM pg_attribute AS a WHERE a.attrelid = k.conrelid
            AND to_jsonb(k) -> 'confdelsetcols' @> to_jsonb(a.attnum))
      END AS set,
      CASE WHEN k.contype = 'f' THEN to_jsonb(k) ->> 'conperiod' = 'true'
        ELSE k.contype IN ('p', 'u') AND k.conexclop IS NOT NULL
      END AS period,
      obj_description(k.oid, 'pg_constraint') AS remark
    FROM pg_constraint AS k
      LEFT JOIN pg_index AS i ON i.indexrelid = k.conindid AND k.contype IN ('u', 'x')
      LEFT JOIN pg_class AS x ON x.oid = i.indexrelid
      LEFT JOIN pg_am AS m ON m.oid = x.relam
      JOIN pg_class AS c ON c.oid = k.conrelid
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_class AS f ON f.oid = k.confrelid
      LEFT JOIN pg_namespace AS fn ON fn.oid = f.relnamespace
    WHERE n.nspname = coalesce(${schema}, current_schema())
      AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0
    ORDER BY k.conrelid, k.conname`

const indexes = (schema: string | null) =>
  asking({
    id: T.text,
    name: T.text,
    only: T.boolean,
    condition: T.text,
    method: T.text,
    parts: T.text,
    included: T.text,
    equal: T.boolean,
    storage: T.text,
    tablespace: T.text,
    remark: T.text
  })`
    SELECT i.indrelid::text AS id, x.relname::text AS name, i.indisunique AS only,
      pg_get_expr(i.indpred, i.indrelid) AS condition, m.amname::text AS method,
      (SELECT json_agg(json_build_array(a.attname,
          CASE WHEN p.number = 0 THEN pg_get_indexdef(i.indexrelid, p.place::int, true) END,
          i.indoption[p.place - 1],
          CASE WHEN NOT o.opcdefault THEN o.opcname END) ORDER BY p.place)::text
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS p (number, place)
        JOIN pg_opclass AS o ON o.oid = i.indclass[p.place - 1]
        LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = p.number
        WHERE p.place <= i.indnkeyatts) AS parts,
      (SELECT json_agg(a.attname ORDER BY p.place)::text
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS p (number, place)
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = p.number
        WHERE p.place > i.indnkeyatts) AS included,
      to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' AS equal,
      array_to_json(x.reloptions)::text AS storage, s.spcname::text AS tablespace,
      obj_description(x.oid, 'pg_class') AS remark
    FROM pg_index AS i
      JOIN pg_class AS x ON x.oid = i.indexrelid
      JOIN pg_class AS c ON c.oid = i.indrelid
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_am AS m ON m.oid = x.relam
      LEFT JOIN pg_tablespace AS s ON s.oid = x.reltablespace
    WHERE n.nspname = coalesce(${schema}, current_schema())
      AND NOT EXISTS (SELECT 1 FROM pg_constraint AS k
        WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
    ORDER BY i.indrelid, x.relname`

const sequences = (schema: string | null) =>
  asking({ name: T.text, counts: T.text })`
    SELECT c.relname::text AS name, json_build_array(s.seqstart::text, s.seqincrement::text,
      s.seqmin::text, s.seqmax::text, s.seqcycle, s.seqcache::text)::text AS counts
    FROM pg_sequence AS s
      JOIN pg_class AS c ON c.oid = s.seqrelid
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = coalesce(${schema}, current_schema())
      AND NOT EXISTS (SELECT 1 FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
          AND d.deptype IN ('a', 'i', 'e'))`

const enums = (schema: string | null) =>
  asking({ name: T.text, labels: T.text })`
    SELECT t.typname::text AS name,
      (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text
        FROM pg_enum AS e WHERE e.enumtypid = t.oid) AS labels
    FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
    WHERE n.nspname = coalesce(${schema}, current_schema()) AND t.typtype = 'e'`

const domains = (schema: string | null) =>
  asking({ name: T.text, type: T.text, required: T.boolean, value: T.text, checks: T.text })`
    SELECT t.typname::text AS name, format_type(t.typbasetype, t.typtypmod) AS type,
      t.typnotnull AS required, t.typdefault AS value,
      (SELECT json_agg(json_build_array(k.conname, pg_get_expr(k.conbin, 0))
          ORDER BY k.conname)::text
        FROM pg_constraint AS k WHERE k.contypid = t.oid AND k.contype = 'c') AS checks
    FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
    WHERE n.nspname = coalesce(${schema}, current_schema()) AND t.typtype = 'd'
      AND NOT EXISTS (SELECT 1 FROM pg_depend AS e
        WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')`

const actions: Readonly<Record<string, ReferentialAction>> = {
  a: "no action",
  r: "restrict",
  c: "cascade",
  n: "set null",
  d: "set default"
}

type Column = RowOf<typeof columns>
type Constraint = RowOf<typeof constraints>

const counterOf = (json: string | null): SnapshotCounter | null => {
  if (json === null) return null
  const [start, increment, minimum, maximum, cycle, cache] = JSON.parse(json) as [
    string,
    string,
    string,
    string,
    boolean,
    string
  ]
  return {
    start: BigInt(start),
    increment: BigInt(increment),
    minimum: BigInt(minimum),
    maximum: BigInt(maximum),
    cycle,
    cache: BigInt(cache)
  }
}

const columnOf = (row: Column): SnapshotColumn => {
  const type = normalType("postgres", row.type ?? "")
  const sql = readType("postgres", type)
  const isTruth = sql?._tag === "Boolean"
  const isSerial = row.identity === "" && row.counts !== null
  const value = isSerial ? null : row.value
  return {
    name: row.name ?? "",
    type,
    sql,
    nullable: row.required !== true,
    default:
      value === null || row.generated !== ""
        ? null
        : normalDefault("postgres", value, isTruth, sql !== null && isText(sql)),
    computed:
      row.generated === "" || value === null
        ? null
        : { expression: withoutParentheses(value), stored: row.generated === "s" },
    counter: counterOf(row.counts),
    identity: isSerial ? "auto" : identityOf(row),
    collation: row.collation,
    comment: row.remark
  }
}

const identityOf = ({ identity }: Column): SnapshotColumn["identity"] =>
  identity === "a" ? "always" : identity === "d" ? "by default" : null

const keyOf = ({ name, own, period, remark }: Constraint): SnapshotKey => ({
  name,
  columns: texts(own),
  ...(period === true ? { period: texts(own).at(-1)! } : {}),
  comment: remark
})

const deferralOf = ({ deferrable, deferred }: Constraint): SnapshotUnique["deferrable"] =>
  deferrable !== true ? "no" : deferred === true ? "deferred" : "immediate"

const uniqueOf = (row: Constraint): SnapshotUnique => ({
  ...keyOf(row),
  include: texts(row.included),
  nullsEqual: row.equal === true,
  deferrable: deferralOf(row)
})

const exclusionOf = (row: Constraint): SnapshotExclusion => ({
  name: row.name,
  using: row.method ?? "gist",
  parts: listOf<[string | null, string | null, string]>(row.excluded).map(
    ([column, expression, operator]) => ({
      column,
      expression: column === null ? withoutParentheses(expression!) : null,
      operator
    })
  ),
  where: row.condition === null ? null : withoutParentheses(row.condition),
  deferrable: deferralOf(row),
  comment: row.remark
})

const foreignKeyOf = (row: Constraint, schema: string | null): SnapshotForeignKey => ({
  ...keyOf(row),
  // A table of the schema that is read goes by the name it is read under.
  target: { schema: row.beside === true ? schema : row.target_schema, table: row.target! },
  targetColumns: texts(row.others),
  onDelete: actions[row.deletes ?? "a"]!,
  ...(row.set === null ? {} : { setsOnDelete: texts(row.set) }),
  onUpdate: actions[row.updates ?? "a"]!,
  deferrable: deferralOf(row),
  match: row.matching === "f" ? "full" : "simple",
  ...pendingOf(row)
})

/** What is not enforced is not valid either, without being told so. */
const pendingOf = ({
  checked,
  enforced
}: Constraint): Pick<SnapshotForeignKey, "notValid" | "notEnforced"> =>
  enforced === false ? { notEnforced: true } : checked === false ? { notValid: true } : {}

const listOf = <A>(json: string | null): ReadonlyArray<A> =>
  JSON.parse(json ?? "[]") as ReadonlyArray<A>

/** First in a descending part, last in an ascending one, where nothing is said: both bits alike. */
const nullsOf = (order: number): Pick<SnapshotIndexPart, "nulls"> =>
  order === 1 ? { nulls: "last" } : order === 2 ? { nulls: "first" } : {}

const partsOf = (json: string | null): ReadonlyArray<SnapshotIndexPart> =>
  listOf<[string | null, string | null, number, string | null]>(json).map(
    ([column, expression, order, operatorClass]) => ({
      column,
      expression: column === null ? expression : null,
      descending: (order & 1) === 1,
      operatorClass,
      ...nullsOf(order),
      length: null
    })
  )

/** `fillfactor=70` and its like by name. */
const settingsOf = (json: string | null): Readonly<Record<string, string>> =>
  Object.fromEntries(
    texts(json).map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)])
  )

const domainOf = (row: RowOf<typeof domains>, schema: string | null): SnapshotDomain => {
  const type = normalType("postgres", row.type ?? "")
  const sql = readType("postgres", type)
  return {
    schema,
    name: row.name!,
    type,
    sql,
    nullable: row.required !== true,
    default:
      row.value === null
        ? null
        : normalDefault(
            "postgres",
            row.value,
            sql?._tag === "Boolean",
            sql !== null && isText(sql)
          ),
    checks: listOf<[string, string]>(row.checks).map(([name, predicate]) => ({
      name,
      predicate: withoutParentheses(predicate)
    }))
  }
}

const optionsOf = (row: RowOf<typeof relations>): SnapshotTable["options"] => {
  const { bounds, kind, method, parents, partition, persistence, storage, tablespace } = row
  return {
    ...settingsOf(storage),
    ...(tablespace === null ? {} : { tablespace }),
    ...(persistence === "u" ? { unlogged: "yes" } : {}),
    ...(method === null || method === "heap" ? {} : { using: method }),
    ...(partition === null ? {} : { partition }),
    ...(bounds === null ? {} : { bounds }),
    ...(parents === null ? {} : { [bounds === null ? "inherits" : "partitionOf"]: parents }),
    ...(kind === "f" ? { foreign: "yes" } : {})
  }
}

/** Reads a schema of PostgreSQL in eight questions of its system catalogs. */
export const readPostgres: Reader = (ask, schema) =>
  Effect.gen(function* () {
    const first = yield* ask(relations(schema))
    const columnsOf = groupedBy(yield* ask(columns(schema)), "id")
    const constraintsOf = groupedBy(yield* ask(constraints(schema)), "id")
    const indexesOf = groupedBy(yield* ask(indexes(schema)), "id")
    const counters = yield* ask(sequences(schema))
    const labels = yield* ask(enums(schema))
    const cut = yield* ask(domains(schema))
    const found = remaining(first, yield* ask(relations(schema)), "id")
    const isView = (kind: string | null): boolean => kind === "v" || kind === "m"
    const tables = found
      .filter(({ kind }) => !isView(kind))
      .map((row): SnapshotTable => {
        const { id, name, remark } = row
        const rules = constraintsOf(id)
        const ofKind = (what: string) => rules.filter((one) => one.kind === what)
        return {
          schema,
          name: name!,
          columns: columnsOf(id).map(columnOf),
          primaryKey: ofKind("p").map(keyOf)[0] ?? null,
          uniques: ofKind("u").map(uniqueOf),
          exclusions: ofKind("x").map(exclusionOf),
          foreignKeys: ofKind("f").map((row) => foreignKeyOf(row, schema)),
          checks: ofKind("c").map((one) => ({
            name: one.name,
            predicate: withoutParentheses(one.predicate ?? ""),
            ...pendingOf(one),
            ...(one.alone === true ? { noInherit: true } : {}),
            comment: one.remark
          })),
          indexes: indexesOf(id).map((one) => ({
            name: one.name!,
            unique: one.only === true,
            parts: partsOf(one.parts),
            where: one.condition === null ? null : withoutParentheses(one.condition),
            method: one.method,
            include: texts(one.included),
            nullsEqual: one.equal === true,
            options: {
              ...settingsOf(one.storage),
              ...(one.tablespace === null ? {} : { tablespace: one.tablespace })
            },
            comment: one.remark
          })),
          comment: remark,
          options: optionsOf(row)
        }
      })
    const views = found
      .filter(({ kind }) => isView(kind))
      .map(({ definition, id, kind, name }) => ({
        schema,
        name: name!,
        materialized: kind === "m",
        definition: (definition ?? "").trim().replace(/;$/, ""),
        columns: columnsOf(id)
          .map(columnOf)
          .map(({ name: column, nullable, sql, type }) => ({ name: column, type, sql, nullable }))
      }))
    return {
      dialect: "postgres",
      tables,
      views,
      sequences: counters.map(({ counts, name }) => ({
        schema,
        name: name!,
        ...counterOf(counts)!
      })),
      enums: labels.map((one) => ({ schema, name: one.name!, values: texts(one.labels) })),
      domains: cut.map((one) => domainOf(one, schema))
    }
  })
