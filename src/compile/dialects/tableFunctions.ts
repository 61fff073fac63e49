import type { Dialect, Writer } from "../Dialect.ts"
import type { From, Term } from "../Placed.ts"

type FunctionFrom = Extract<From, { readonly _tag: "FunctionFrom" }>
type Say = Dialect["tableFunction"]

const keysOf = ({ node: { row } }: FunctionFrom): ReadonlyArray<string> =>
  row.shape._tag === "Record" ? row.shape.keys : []

const nameOf = ({ node }: FunctionFrom, { dialect }: Writer): string =>
  node.called?.names[dialect.name] ?? ""

const applied = (name: string, args: ReadonlyArray<Term>, writer: Writer): void => {
  writer.put(`${name}(`)
  writer.commas(args, (arg) => writer.term(arg))
  writer.put(")")
}

/** The document if it is of the kind that has such rows, else NULL, which has none. */
const ofKind = (typeOf: string, kind: string, arg: Term, writer: Writer): void => {
  writer.put(`CASE ${typeOf}(`)
  writer.term(arg)
  writer.put(`) WHEN '${kind}' THEN `)
  writer.term(arg)
  writer.put(" END")
}

const aliased = (from: FunctionFrom, writer: Writer): void => {
  writer.put(" AS ")
  writer.name(from.alias)
}

/** `generate_series(1, 3) WITH ORDINALITY AS n(value, ordinality)` */
export const postgresRows: Say = (from, writer) => {
  const { args, node, ordinality } = from
  const [first] = args
  const own = keysOf(from).slice(0, -1)
  const declares = node.called?.declares === true
  const declared = (): void => {
    writer.put("(")
    writer.commas(own, (key, i) => {
      writer.name(key)
      writer.put(` ${writer.dialect.columnType(node.row.fields[i]!.type.sql)}`)
    })
    writer.put(")")
  }
  if (declares && ordinality) writer.put("ROWS FROM (")
  switch (node.name) {
    case "series":
      applied("generate_series", args, writer)
      break
    case "elements":
    case "entries": {
      const [name, kind] =
        node.name === "elements" ? ["jsonb_array_elements", "array"] : ["jsonb_each", "object"]
      writer.put(`${name}(`)
      ofKind("jsonb_typeof", kind, first!, writer)
      writer.put(")")
      break
    }
    case "unnest":
      applied("unnest", args, writer)
      break
    case "listed":
      break
    case "called":
      applied(nameOf(from, writer), args, writer)
  }
  if (declares && ordinality) {
    writer.put(" AS ")
    declared()
    writer.put(")")
  }
  if (ordinality) writer.put(" WITH ORDINALITY")
  aliased(from, writer)
  if (declares && !ordinality) return declared()
  // A function of one's own names its columns itself.
  if (node.called !== null && !node.called.bare && !declares) return
  writer.put("(")
  writer.commas(ordinality ? keysOf(from) : own, writer.name)
  writer.put(")")
}

/** `json_each(x) AS e`; a series counts the zeros of a list. */
export const sqliteRows: Say = (from, writer) => {
  const { args, node } = from
  const [first] = args
  switch (node.name) {
    case "series":
      writer.put("json_each('[' || rtrim(replace(hex(zeroblob(")
      writer.term(first!)
      writer.put(")), '00', '0,'), ',') || ']')")
      break
    case "elements":
    case "entries":
      writer.put("json_each(")
      ofKind("json_type", node.name === "elements" ? "array" : "object", first!, writer)
      writer.put(")")
      break
    case "unnest":
    case "listed":
      break
    case "called":
      applied(nameOf(from, writer), args, writer)
  }
  aliased(from, writer)
}

/** `JSON_TABLE(x, '$[*]' COLUMNS (…)) AS e` */
export const mysqlRows: Say = (from, writer) => {
  const { args, node, ordinality } = from
  const [first] = args
  writer.put("json_table(")
  const columns: Array<string> =
    ordinality || node.name === "series" ? ["ordinality FOR ORDINALITY"] : []
  switch (node.name) {
    case "series": {
      // A text too long for the server would be NULL, and so no row: it must be an error.
      writer.put("coalesce(concat('[', trim(TRAILING ',' FROM repeat('0,', ")
      writer.term(first!)
      writer.put(")), ']'), CASE WHEN ")
      writer.term(first!)
      writer.put(" > 0 THEN 'too long' END)")
      break
    }
    case "elements":
      ofKind("json_type", "ARRAY", first!, writer)
      columns.push("value JSON PATH '$'")
      break
    case "entries":
      // Of what is no object there are no keys.
      writer.put("json_keys(")
      writer.term(first!)
      writer.put(")")
      columns.push("`key` LONGTEXT PATH '$'")
      break
    case "listed":
      writer.term(first!)
      columns.push(...keysOf(from).map((key, i) => `${key} LONGTEXT PATH '$[${i}]' ERROR ON ERROR`))
      break
    case "unnest":
    case "called":
  }
  writer.put(`, '$[*]' COLUMNS (${columns.join(", ")}))`)
  aliased(from, writer)
}
