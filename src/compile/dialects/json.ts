import type { Writer } from "../Dialect.ts"
import { levels } from "../levels.ts"
import type { Operator } from "../Placed.ts"
import { isRepeatable } from "../phases/emulate/isRepeatable.ts"

type JsonAt = Operator<"JsonAt">
type Path = JsonAt["node"]["path"]

const legText = (leg: string | number, bare: boolean): string =>
  typeof leg === "number"
    ? `[${leg}]`
    : bare && /^[A-Za-z]\w*$/.test(leg)
      ? `.${leg}`
      : `.${JSON.stringify(leg)}`

/** A path in the language SQLite and MySQL share; a key that is no plain word is a JSON string. */
export const pathText = (path: Path, bare = true): string =>
  path.reduce<string>((text, leg) => text + legText(leg, bare), "$")

/**
 * `x -> 'a' -> 1`: PostgreSQL, where each leg is a key or a place by its type. To `->` a lone value
 * is a list of itself, so the first element of a list is asked for by a strict path.
 */
export const jsonLegs = ({ kids, node }: JsonAt, writer: Writer): void => {
  const { path } = node
  if (path.includes(0)) {
    writer.put("jsonb_path_query_first(")
    writer.term(kids.self)
    const text = writer.dialect.textLiteral(`strict ${pathText(path, false)}`)
    return writer.put(`, ${text}, '{}', true)`)
  }
  writer.term(kids.self, levels.unary)
  for (const leg of path)
    writer.put(` -> ${typeof leg === "number" ? leg : writer.dialect.textLiteral(leg)}`)
}

/** `x -> '$.a[0]'`: SQLite. */
export const jsonPath = ({ kids, node }: JsonAt, writer: Writer): void => {
  writer.term(kids.self, levels.unary)
  writer.put(` -> ${writer.dialect.textLiteral(pathText(node.path))}`)
}

/**
 * `json_extract(x, '$.a[0]')`: MySQL and MariaDB, to whom what is no array is its own first
 * element, so that it is asked before whether it is one.
 */
export const jsonExtract = ({ kids, node }: JsonAt, writer: Writer): void => {
  const extract = (path: Path): void => {
    if (path.length === 0) return writer.term(kids.self)
    writer.put("json_extract(")
    writer.term(kids.self)
    writer.put(`, ${writer.dialect.textLiteral(pathText(path))})`)
  }
  const firsts = node.path.flatMap((leg, at) => (leg === 0 ? [at] : []))
  if (firsts.length === 0) return extract(node.path)
  if (!isRepeatable(node.self)) writer.refuse("jsonPlace", "the first element of a drawn value")
  writer.put("CASE WHEN ")
  firsts.forEach((at, i) => {
    writer.put(i === 0 ? "json_type(" : " AND json_type(")
    extract(node.path.slice(0, at))
    writer.put(") = 'ARRAY'")
  })
  writer.put(" THEN ")
  extract(node.path)
  writer.put(" END")
}
