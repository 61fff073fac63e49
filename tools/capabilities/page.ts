import type { DialectName } from "athanor/compile"
import { arrayTable } from "../../src/compile/dialects/arrayTable.ts"
import { functionTable } from "../../src/compile/dialects/functionTable.ts"
import { rangeTable } from "../../src/compile/dialects/rangeTable.ts"
import { type Spelling, spelledOn } from "../../src/compile/dialects/spelling.ts"
import { capabilities } from "athanor/compile"
import { differences } from "../../test/oracle/differences.ts"
import { refusable } from "../../test/properties/support/refusable.ts"
import { type Cell, cellOf, dialects } from "./cells.ts"
import { constructs } from "./constructs.ts"
import { manuals } from "./manuals.ts"

/** An entry of docs/scorecard/refusals.json. */
export interface Refused {
  readonly of: string
  readonly on: DialectName
  readonly capability: string
  readonly reason: string
  readonly manual: string
  readonly before?: string
}

const shown = (cell: Cell): string =>
  cell._tag === "unsupported" ? `Unsupported(\`${cell.capability}\`)` : cell._tag

/** One call or one operator over the arguments, each said once. */
const isPlain = (text: string): boolean =>
  /^\w+\((?:\{[\d*]\}(?:, )?)*\)$/.test(text) || /^\(?\{0\} [^{}\s]+ \{1\}\)?$/.test(text)

/** What a server lacks that lacks a function: the type it is of, or itself. */
const lacked = (name: string): string =>
  Object.hasOwn(arrayTable, name)
    ? "arrays"
    : name.startsWith("multirange")
      ? "multiranges"
      : Object.hasOwn(rangeTable, name)
        ? "ranges"
        : name

const spelling = (said: Spelling, name: string): string =>
  said === null
    ? `Unsupported(\`${lacked(name)}\`)`
    : typeof said === "function"
      ? "by its arguments"
      : isPlain(said)
        ? "native"
        : "emulated"

const table = (
  first: string,
  rows: ReadonlyArray<readonly [string, (dialect: DialectName) => string]>
): string =>
  [
    `| ${first} | ${dialects.map(([, title]) => title).join(" | ")} |`,
    `| --- |${" --- |".repeat(dialects.length)}`,
    ...rows.map(
      ([name, cell]) => `| ${name} | ${dialects.map(([dialect]) => cell(dialect)).join(" | ")} |`
    )
  ].join("\n")

/** `extract.hour` and `extract.day` are one function. */
const functionRows = () => {
  const families = new Map<string, Map<string, string>>()
  for (const [name, row] of Object.entries(functionTable)) {
    const [family] = name.split(".") as [string]
    const cells = families.get(family) ?? new Map<string, string>()
    families.set(family, cells)
    for (const [dialect] of dialects) {
      const said = spelling(spelledOn(row, dialect), name)
      const before = cells.get(dialect)
      cells.set(dialect, before === undefined || before === said ? said : "by its arguments")
    }
  }
  return [...families]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, cells]) => [name, (dialect: DialectName) => cells.get(dialect)!] as const)
}

const version = (dialect: DialectName): string => capabilities(dialect).version.join(".")

const refusals = (known: ReadonlyArray<Refused>): ReadonlyArray<string> => {
  const rows = new Map<string, string>()
  for (const one of known) {
    const title = dialects.find(([dialect]) => dialect === one.on)![1]
    const row = `| \`${one.capability}\` | ${title} | ${one.reason} | ${one.manual} |`
    const key = `${one.capability} ${one.on} ${one.reason}`
    if (!rows.has(key)) rows.set(key, row)
  }
  return [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

const operands = (): ReadonlyArray<string> =>
  Object.entries(refusable).flatMap(([dialect, reasons]) =>
    Object.entries(reasons).map(
      ([capability, reason]) =>
        `| \`${capability}\` | ${dialects.find(([one]) => one === dialect)![1]} | ${reason} |`
    )
  )

/** docs/capabilities.md: what each dialect makes of each node. */
export const page = (known: ReadonlyArray<Refused>): string => {
  const sections = Object.entries(constructs).map(
    ([family, members]) =>
      `## ${family}\n\n${table(
        "Node",
        members.map((one) => [one.name, (dialect) => shown(cellOf(one, dialect))] as const)
      )}`
  )
  return `${[
    "# What each database can do",
    "Made by `npm run sql`. **native**: the server has words for it. **emulated**: it is said in " +
      "others, and means the same. **Unsupported**: refused by the capability's name, before " +
      "anything is sent. There is no fourth: a server never answers with an error of syntax.",
    `For ${dialects.map(([dialect, title]) => `${title} ${version(dialect)}`).join(", ")}; an ` +
      "older server may refuse or emulate more. The tests run each of these statements on " +
      "SQLite, PostgreSQL and MariaDB against its meaning; MySQL is printed, not run.",
    ...sections,
    `## Functions\n\nWhere the words depend on the arguments, the cell says so.\n\n${table(
      "Function",
      functionRows()
    )}`,
    "## Refused for what their parts are\n\nA node that a dialect has otherwise, refused over " +
      "operands it cannot say. Drawn statements are refused by these and no others.\n\n" +
      `| Capability | Database | When |\n| --- | --- | --- |\n${operands().join("\n")}`,
    "## Why\n\nThe fixed list of refusals, each with the server's own manual.\n\n" +
      `| Capability | Database | Reason | Manual |\n| --- | --- | --- | --- |\n` +
      refusals(known).join("\n"),
    "## By name\n\nNames that `Unsupported` says beside the fixed list. A function that a server " +
      "lacks is refused by its own name.\n\n" +
      "| Capability | Refused | Manual |\n| --- | --- | --- |\n" +
      Object.entries(manuals)
        .map(([name, [says, manual]]) => `| \`${name}\` | ${says} | ${manual} |`)
        .join("\n"),
    "## Differences that are not hidden\n\nEverything else means the same everywhere.\n\n" +
      "| What | Why | Manual |\n| --- | --- | --- |\n" +
      Object.values(differences)
        .map(({ manual, what, why }) => `| ${what} | ${why} | ${manual} |`)
        .join("\n")
  ].join("\n\n")}\n`
}
