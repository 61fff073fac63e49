import type { Command } from "../../../src/algebra/Command.ts"
import { children } from "../../../src/algebra/fold.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { Database } from "../../oracle/Meaning.ts"
import { canonical } from "./canonical.ts"
import { fill } from "./fill.ts"
import { compiledFor, type Connection, type Given } from "./Runner.ts"

type Node = Scalar | Relation | Command

const hidden: ReadonlySet<string> = new Set([
  "_tag",
  "key",
  "binds",
  "ctes",
  "type",
  "source",
  "table",
  "print",
  "shape"
])

const exact = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? `${value}n` : value

const plain = (node: Node): string =>
  Object.entries(node)
    .filter(([field, value]) => !hidden.has(field) && !children(node).some((kid) => kid === value))
    .filter(
      ([, value]) =>
        !(Array.isArray(value) && value.some((one) => children(node).includes(one as Node)))
    )
    .map(([field, value]) => `${field}=${JSON.stringify(value, exact)}`)
    .join(" ")

/** A tree for people: one node a line. */
export const drawnTree = (node: Node, depth = 0): string => {
  const type = "type" in node ? ` : ${node.type.key}` : ""
  const source =
    "source" in node && "name" in node.source
      ? ` ${node.source.name}`
      : "table" in node
        ? ` ${node.table.name}`
        : ""
  const line = `${"  ".repeat(depth)}${node._tag}${source} ${plain(node)}${type}`
  return [line, ...children(node).map((child) => drawnTree(child, depth + 1))].join("\n")
}

const treesOf = (node: Node): string =>
  [
    drawnTree(node),
    ...node.ctes.map(({ name, query }) => `with ${name}\n${drawnTree(query, 1)}`)
  ].join("\n")

const rowsOf = (database: Database): string =>
  [...database].map(([table, rows]) => `${table.name}: ${rows.map(canonical).join(" ")}`).join("\n")

/** One part of a case. */
export interface Shown {
  readonly name: string
  readonly text: string
}

/** What a generator keeps beside the statements it made. */
const beside: ReadonlySet<string> = new Set([
  ...["leaves", "source", "aliases", "favour", "without"],
  ...["aim", "aimed", "at", "documents", "givesBack", "inKeys", "loose"]
])

/** A law's case for people, part by part: statements as trees, databases as rows. */
export const shownParts = (name: string, value: unknown): ReadonlyArray<Shown> => {
  if (value instanceof Map) return [{ name, text: rowsOf(value as Database) }]
  if (typeof value !== "object" || value === null) return [{ name, text: canonical(value) }]
  if (Array.isArray(value)) return value.flatMap((one, i) => shownParts(`${name}.${i}`, one))
  if ("_tag" in value && "ctes" in value) return [{ name, text: treesOf(value as Node) }]
  if ("_tag" in value) return [{ name, text: String("key" in value ? value.key : value._tag) }]
  return Object.entries(value)
    .filter(([field]) => !beside.has(field))
    .flatMap(([field, one]) => shownParts(name === "" ? field : `${name}.${field}`, one))
}

/** All one needs to see why a server and the meaning disagree. */
export const mismatch = (
  connection: Connection,
  node: Relation | Command,
  parameters: Readonly<Record<string, unknown>>,
  database: Database,
  expected: ReadonlyArray<unknown>,
  given: Given | Error
): Error => {
  let sql: string
  try {
    const compiled = compiledFor(node, connection.dialect)
    sql =
      compiled._tag === "Refusal"
        ? canonical(compiled)
        : `${compiled.text}\n  ${canonical(fill(compiled, node, parameters))}`
  } catch (error) {
    sql = (error as Error).stack ?? ""
  }
  return new Error(
    [
      `${connection.dialect} and the meaning disagree`,
      treesOf(node),
      `parameters ${canonical(parameters)}`,
      rowsOf(database),
      `sql ${sql}`,
      `meant ${canonical(expected)}`,
      given instanceof Error
        ? `error ${given.message}`
        : given._tag === "Rows"
          ? `given ${canonical(given.rows)}`
          : "refused"
    ].join("\n")
  )
}
