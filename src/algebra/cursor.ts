import type { Relation } from "./Relation.ts"
import type { AnyType } from "./Type.ts"

/** A cursor's text: a mark, and the values of the sort keys as JSON. */
export const cursorText = (
  values: ReadonlyArray<unknown>,
  types: ReadonlyArray<AnyType>,
  outline: string
): string => {
  const said = JSON.stringify(
    values.map((value, i) => (value === null ? null : types[i]!.codec.json.encode(value as never)))
  )
  return Buffer.from(mark(outline, said) + said, "utf8").toString("base64url")
}

/** The values a text says; null where it was not made for this query, or was changed. */
export const cursorValues = (
  text: string,
  types: ReadonlyArray<AnyType>,
  outline: string
): ReadonlyArray<unknown> | null => {
  const whole = Buffer.from(text, "base64url").toString("utf8")
  const said = whole.slice(markLength)
  if (whole.slice(0, markLength) !== mark(outline, said)) return null
  try {
    const raw = JSON.parse(said) as ReadonlyArray<unknown>
    return raw.length === types.length
      ? raw.map((one, i) => (one === null ? null : types[i]!.codec.json.decode(one)))
      : null
  } catch {
    // Whoever gives the text may have made it: what cannot be read is no cursor.
    return null
  }
}

const markLength = 16

/** FNV-1a twice, from two beginnings, as sixteen hexadecimal digits. */
const mark = (outline: string, said: string): string => {
  const text = `${outline}\n${said}`
  let [a, b] = [0x811c9dc5, 0x01000193]
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193)
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b) ^ (b >>> 13)
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("")
}

/** Left out: what follows from the rest, and the row a query makes of its columns. */
const unsaid: ReadonlySet<string> = new Set(["key", "binds", "ctes", "shape", "value", "values"])

/**
 * A query's structure as a text that is the same in every process: names for tables, SQL types for
 * types, nothing of values.
 */
export const outlineOf = (query: Relation): string => {
  const parts = [outline(query)]
  for (const { name, query: body } of query.ctes) parts.push(`${name}=${outline(body)}`)
  return parts.join(";")
}

const outline = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(outline).join()}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? ""
  const node = value as Readonly<Record<string, unknown>>
  if (node["_tag"] === "TableSource") return `${String(node["schema"])}.${String(node["name"])}`
  if (typeof node["_tag"] === "string" && node["_tag"].endsWith("Source"))
    return String(node["name"] ?? "")
  if ("codec" in node) return JSON.stringify(node["sql"])
  return `{${Object.keys(node)
    .filter((field) => !unsaid.has(field) || (field === "value" && node["_tag"] === "Constant"))
    .map((field) => `${field}:${outline(node[field])}`)
    .join()}}`
}
