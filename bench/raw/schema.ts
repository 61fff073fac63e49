/** What a careful hand asks of each server for the facts of a snapshot, and puts them together. */

export type Rows = ReadonlyArray<Readonly<Record<string, unknown>>>
type Ask = (text: string) => Promise<Rows>

interface Table {
  readonly facts: Readonly<Record<string, unknown>>
  readonly columns: Array<Readonly<Record<string, unknown>>>
  readonly rules: Array<Readonly<Record<string, unknown>>>
  readonly indexes: Array<Readonly<Record<string, unknown>>>
}
type Tables = ReadonlyMap<unknown, Table>

const together = async (
  ask: Ask,
  tables: string,
  parts: ReadonlyArray<readonly ["columns" | "rules" | "indexes", string]>,
  others: ReadonlyArray<string> = []
): Promise<Tables> => {
  const found = new Map<unknown, Table>()
  for (const facts of await ask(tables))
    found.set(facts["id"], { facts, columns: [], rules: [], indexes: [] })
  for (const [part, text] of parts)
    for (const row of await ask(text)) found.get(row["id"])?.[part].push(row)
  for (const text of others) await ask(text)
  return found
}

const postgres = (ask: Ask): Promise<Tables> =>
  together(
    ask,
    `select c.oid as id, c.relname, c.relkind, c.reloptions, obj_description(c.oid, 'pg_class')
     from pg_class c where c.relnamespace = current_schema()::regnamespace
       and c.relkind in ('r', 'p', 'f')`,
    [
      [
        "columns",
        `select a.attrelid as id, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
           col_description(a.attrelid, a.attnum), a.attcollation
         from pg_attribute a join pg_class c on c.oid = a.attrelid
           left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'f')
           and a.attnum > 0 and not a.attisdropped
         order by a.attrelid, a.attnum`
      ],
      [
        "rules",
        `select k.conrelid as id, k.conname, k.contype, pg_get_constraintdef(k.oid),
           obj_description(k.oid, 'pg_constraint')
         from pg_constraint k where k.connamespace = current_schema()::regnamespace
           and k.conrelid <> 0`
      ],
      [
        "indexes",
        `select i.indrelid as id, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid),
           i.indisunique, obj_description(i.indexrelid, 'pg_class')
         from pg_index i join pg_class c on c.oid = i.indrelid
         where c.relnamespace = current_schema()::regnamespace`
      ]
    ],
    [
      `select viewname, definition from pg_views where schemaname = current_schema()
       union all
       select matviewname, definition from pg_matviews where schemaname = current_schema()`,
      `select sequencename, start_value, increment_by from pg_sequences
       where schemaname = current_schema()`,
      `select t.typname, e.enumlabel from pg_type t join pg_enum e on e.enumtypid = t.oid
       where t.typnamespace = current_schema()::regnamespace order by e.enumsortorder`
    ]
  )

const inHere = "TABLE_SCHEMA = database()"

const mariadb = (ask: Ask): Promise<Tables> =>
  together(
    ask,
    `select TABLE_NAME as id, TABLE_TYPE, ENGINE, TABLE_COLLATION, TABLE_COMMENT
     from information_schema.TABLES where ${inHere}`,
    [
      [
        "columns",
        `select TABLE_NAME as id, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA,
           COLUMN_COMMENT, COLLATION_NAME, GENERATION_EXPRESSION
         from information_schema.COLUMNS where ${inHere} order by TABLE_NAME, ORDINAL_POSITION`
      ],
      [
        "rules",
        `select k.TABLE_NAME as id, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_NAME,
           k.REFERENCED_COLUMN_NAME, r.DELETE_RULE, r.UPDATE_RULE
         from information_schema.KEY_COLUMN_USAGE k
           left join information_schema.REFERENTIAL_CONSTRAINTS r
             on r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA and r.TABLE_NAME = k.TABLE_NAME
               and r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
         where k.TABLE_SCHEMA = database() and k.REFERENCED_TABLE_NAME is not null
         order by k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION`
      ],
      [
        "rules",
        `select TABLE_NAME as id, CONSTRAINT_NAME, CHECK_CLAUSE
         from information_schema.CHECK_CONSTRAINTS where CONSTRAINT_SCHEMA = database()`
      ],
      [
        "indexes",
        `select TABLE_NAME as id, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, COLLATION, INDEX_TYPE
         from information_schema.STATISTICS where ${inHere}
         order by TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`
      ]
    ],
    [`select TABLE_NAME, VIEW_DEFINITION from information_schema.VIEWS where ${inHere}`]
  )

const closes: Readonly<Record<string, string>> = { '"': '"', "'": "'", "`": "`", "[": "]" }

/** The definitions a table is made of: constraints and what they are called stand nowhere else. */
const definitionsIn = (sql: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  let depth = 0
  let from = 0
  for (let at = 0; at < sql.length; at++) {
    const one = sql[at]!
    const close = closes[one]
    if (close !== undefined) at = sql.indexOf(close, at + 1)
    else if (one === "(" && depth++ === 0) from = at + 1
    else if ((one === "," && depth === 1) || (one === ")" && --depth === 0)) {
      found.push(sql.slice(from, at).trim())
      from = at + 1
    }
  }
  return found
}

const sqlite = async (ask: Ask): Promise<Tables> => {
  const found = await together(
    ask,
    `select l.name as id, l.type, l.strict, l.wr from pragma_table_list l
     where l.schema = 'main' and l.name not like 'sqlite\\_%' escape '\\'`,
    [
      [
        "columns",
        `select s.name as id, x.* from sqlite_schema s join pragma_table_xinfo(s.name) x
         where s.type in ('table', 'view') order by s.name, x.cid`
      ],
      [
        "rules",
        `select s.name as id, f.id as at, f.seq, f."from", f."table", f."to", f.on_delete,
           f.on_update
         from sqlite_schema s join pragma_foreign_key_list(s.name) f where s.type = 'table'
         order by s.name, f.id, f.seq`
      ],
      [
        "indexes",
        `select s.name as id, i.name, i."unique", i.origin, x.name as part, x.desc
         from sqlite_schema s join pragma_index_list(s.name) i join pragma_index_xinfo(i.name) x
         where s.type = 'table' and x.key = 1 order by s.name, i.seq, x.seqno`
      ]
    ]
  )
  for (const row of await ask("select type, tbl_name as id, name, sql from sqlite_schema")) {
    const table = found.get(row["id"])
    if (row["type"] === "index") table?.indexes.push(row)
    else if (row["type"] === "table")
      for (const text of definitionsIn(String(row["sql"]))) table?.rules.push({ text })
  }
  return found
}

/** The tables of a schema, by server. */
export const byHand = { sqlite, postgres, mariadb } as const
