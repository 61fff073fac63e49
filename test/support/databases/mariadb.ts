import { execFile } from "node:child_process"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { createConnection, type RowDataPacket } from "mysql2/promise"
import { runAsAccount } from "./account.ts"
import type { Installation, Recipe } from "./engine.ts"
import { program } from "./program.ts"
import { exists } from "./workspace.ts"

const execute = promisify(execFile)

const find = async (): Promise<Installation> => {
  const path = await program("mariadbd", "mariadb-server-core", advice)
  const { stdout } = await execute(path, ["--no-defaults", "--version"])
  const version = /Ver (\S+?)-MariaDB/.exec(stdout)?.[1]
  if (version === undefined) throw new Error(`${path} is not a MariaDB server: ${stdout.trim()}`)
  return { engine: "mariadb", version, origin: path, path }
}

const advice =
  "No MariaDB found: install the package `mariadb-server-core` (Debian, Ubuntu) or `mariadb`, " +
  "or set ATHANOR_TEST_MYSQL_URL to a server the tests may use."

/**
 * What mariadb-install-db feeds to the server. We feed it ourselves: that script needs a program
 * of another package, which `mariadb-server-core` does not bring.
 */
const systemScripts = [
  "mysql_system_tables.sql",
  "mysql_performance_tables.sql",
  "mysql_system_tables_data.sql",
  "maria_add_gis_sp_bootstrap.sql"
]

const rootBySocket = "set @auth_root_socket = 'root';"

const systemTables = async (program: string): Promise<string> => {
  const prefix = join(program, "../..")
  for (const folder of ["/usr/share/mysql", "/usr/share/mariadb"]) {
    if (await exists(join(folder, systemScripts[0]!))) return folder
  }
  for (const folder of ["share/mysql", "share/mariadb", "share"]) {
    if (await exists(join(prefix, folder, systemScripts[0]!))) return join(prefix, folder)
  }
  throw new Error(`${program} is here, but not the SQL files of its system tables.`)
}

const user = "athanor"
const password = "athanor"

/** Read at each start. The account is for TCP; root stays behind its socket. */
const firstStatements = [
  `CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '${password}';`,
  `GRANT ALL PRIVILEGES ON *.* TO '${user}'@'%' WITH GRANT OPTION;`
].join("\n")

const settings: Readonly<Record<string, string | number>> = {
  "bind-address": "127.0.0.1",
  "character-set-server": "utf8mb4",
  // Byte order and no padding, so that text compares as in SQLite, PostgreSQL and the oracle.
  "collation-server": "utf8mb4_nopad_bin",
  // Far from UTC on purpose: a session that forgets to set its time zone is seen at once.
  "default-time-zone": "+05:45",
  "max-connections": 200,
  "innodb-lock-wait-timeout": 3,
  "lock-wait-timeout": 10,
  "innodb-flush-log-at-trx-commit": 0,
  "innodb-flush-method": "fsync",
  "innodb-buffer-pool-size": "64M",
  "innodb-log-file-size": "32M",
  "innodb-buffer-pool-dump-at-shutdown": 0,
  "innodb-buffer-pool-load-at-startup": 0,
  "innodb-fast-shutdown": 2,
  "performance-schema": 0,
  "debug-no-sync": 1
}

const serverOptions = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)

let found: Promise<Installation> | undefined

export const mariadb: Recipe = {
  engine: "mariadb",
  find: () => (found ??= find()),
  fingerprint: ({ version }) => `mariadb-${version}-2`,
  initialise: async ({ path }, directory) => {
    const folder = await systemTables(path)
    const scripts = await Promise.all(
      systemScripts.map((name) => readFile(join(folder, name), "utf8"))
    )
    const statements = ["create database if not exists mysql;", "use mysql;", rootBySocket]
    const options = ["--log-warnings=0", "--max-allowed-packet=8M", "--innodb-log-file-size=32M"]
    await runAsAccount(
      path,
      ["--no-defaults", "--bootstrap", `--datadir=${directory}`, ...options],
      { cwd: directory, input: [...statements, ...scripts].join("\n") }
    )
    await writeFile(join(directory, "first.sql"), firstStatements)
  },
  command: ({ path }, directory, port) => [
    path,
    [
      ...["--no-defaults", `--datadir=${directory}`, `--port=${port}`],
      ...[`--socket=${join(directory, "socket")}`, `--pid-file=${join(directory, "pid")}`],
      ...[`--init-file=${join(directory, "first.sql")}`, `--tmpdir=${directory}`],
      ...serverOptions
    ]
  ],
  url: (port) => `mysql://${user}:${password}@127.0.0.1:${port}/mysql`,
  ping: async (url) => {
    const connection = await createConnection({ uri: url, connectTimeout: 5000 })
    try {
      const statement = "select version() as version"
      const [rows] = await connection.query<Array<RowDataPacket>>(statement)
      return String(rows[0]?.["version"])
    } finally {
      await connection.end()
    }
  },
  signal: { smart: "SIGTERM", fast: "SIGTERM", immediate: "SIGKILL" }
}
