import { existsSync } from "node:fs"
import BetterSqlite3 from "better-sqlite3"
import { createConnection, type RowDataPacket } from "mysql2/promise"
import { Client } from "pg"
import { type EngineName, openFiles } from "../../conformance/engine-support.ts"

/** What a server says of the programs on a database, asked by a driver of its own. */
export interface Asked {
  /** Sessions that are in a transaction or at work. */
  readonly atWork: number
  /** Of these, who sleeps because a statement told the server to. */
  readonly asleep: number
  readonly sessions: number
}

/** Rows of `kept` by the group they belong to. */
export type Kept = ReadonlyMap<number, number>

export interface Observer {
  readonly execute: (text: string) => Promise<void>
  readonly asked: () => Promise<Asked>
  readonly kept: () => Promise<Kept>
}

/** Where work writes what it is then judged by: so many rows of a group, all or none. */
const tables: Readonly<Record<EngineName, string>> = {
  sqlite: "create table if not exists kept (grp integer not null, member integer not null)",
  postgres: "create table if not exists kept (grp integer not null, member integer not null)",
  mariadb:
    "create table if not exists kept (grp integer not null, member integer not null) engine=innodb"
}

type Row = Readonly<Record<string, unknown>>

const grouped = (rows: ReadonlyArray<Row>): Kept =>
  new Map(rows.map((row) => [Number(row["grp"]), Number(row["found"])]))

const onSqlite = (url: string): Observer => {
  const file = url.replace(/^sqlite:/, "")
  const open = () => new BetterSqlite3(file, { timeout: 0 })
  const once = <A>(use: (own: BetterSqlite3.Database) => A): A => {
    const own = open()
    try {
      return use(own)
    } finally {
      own.close()
    }
  }
  const isHeld = (): boolean =>
    once((own) => {
      try {
        own.exec("begin immediate; rollback")
        return false
      } catch {
        return true
      }
    })
  return {
    execute: async (text) => once((own) => void own.exec(text)),
    asked: async () => ({
      atWork: existsSync(file) && isHeld() ? 1 : 0,
      asleep: 0,
      sessions: openFiles(url)
    }),
    kept: async () =>
      once((own) =>
        grouped(
          own.prepare("select grp, count(*) as found from kept group by grp").all() as Array<Row>
        )
      )
  }
}

/** What is summed over no rows is NULL. */
const answered = (row: Row | undefined): Asked => ({
  atWork: Number(row?.["atWork"] ?? 0),
  asleep: Number(row?.["asleep"] ?? 0),
  sessions: Number(row?.["sessions"] ?? 0)
})

const workOfPostgres = `select
  count(*) filter (where state <> 'idle') as "atWork", count(*) as sessions,
  count(*) filter (where state = 'active' and query like '%pg_sleep(%') as asleep
  from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
  and backend_type = 'client backend'`

const onPostgres = (url: string): Observer => {
  const once = async (text: string): Promise<ReadonlyArray<Row>> => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 })
    client.on("error", () => {})
    await client.connect()
    try {
      return (await client.query(text)).rows as ReadonlyArray<Row>
    } finally {
      await client.end()
    }
  }
  return {
    execute: async (text) => void (await once(text)),
    asked: async () => {
      const [row] = await once(workOfPostgres)
      return answered(row)
    },
    kept: async () => grouped(await once("select grp, count(*) as found from kept group by grp"))
  }
}

const workOfMariadb = `select count(*) as sessions,
  sum(coalesce(info, '') like '%sleep(%') as asleep,
  sum(command not in ('Sleep') or exists
    (select 1 from information_schema.innodb_trx where trx_mysql_thread_id = id)) as atWork
  from information_schema.processlist where db = database() and id <> connection_id()`

const onMariadb = (url: string): Observer => {
  const once = async (text: string): Promise<ReadonlyArray<Row>> => {
    const connection = await createConnection({ uri: url, connectTimeout: 5000 })
    connection.on("error", () => {})
    try {
      const [rows] = await connection.query<Array<RowDataPacket>>(text)
      return rows
    } finally {
      await connection.end().catch(() => {}) // it was not its own end that mattered
    }
  }
  return {
    execute: async (text) => void (await once(text)),
    asked: async () => {
      const [row] = await once(workOfMariadb)
      return answered(row)
    },
    kept: async () => grouped(await once("select grp, count(*) as found from kept group by grp"))
  }
}

/** Asks about one database, beside the programs that use it; makes the table `kept` there. */
export const observerOf = async (engine: EngineName, url: string): Promise<Observer> => {
  const make = { sqlite: onSqlite, postgres: onPostgres, mariadb: onMariadb }[engine]
  const observer = make(url)
  await observer.execute(tables[engine])
  return observer
}
