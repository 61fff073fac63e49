import { jsonAt } from "../../algebra/Scalar.ts"
import { arrayText } from "../../algebra/types/arrayText.ts"
import type { Writer } from "../Dialect.ts"
import { levels } from "../levels.ts"
import { isRepeatable } from "../phases/emulate/isRepeatable.ts"
import type { Operator, Term } from "../Placed.ts"
import { isText } from "../sqlTypes.ts"
import { typeOf } from "../Placed.ts"
import { pathText } from "./json.ts"
import { sayElement } from "./jsonElements.ts"

type Edit = Operator<"JsonEdit">
type Path = Edit["node"]["path"]

/** What a dialect says of an edit that is known to find what it looks for. */
interface Words {
  /** Of the kind of a document, and what the two that matter are called. */
  readonly kind: string
  readonly object: string
  readonly array: string
  readonly change: (term: Edit, writer: Writer) => void
}

/** What the document has at a path, or the document. */
const sayAt = ({ kids, node }: Edit, path: Path, writer: Writer): void => {
  if (path.length === 0) return writer.term(kids.self)
  const { self } = kids
  // A path below a path is one path.
  const at = jsonAt(node.self, path, node.type)
  const below = self._tag === "JsonAt" ? self.kids.self : self
  writer.term({ _tag: "JsonAt", node: at, kids: { self: below } })
}

/**
 * `CASE WHEN the place is there THEN changed ELSE as it was END`: servers disagree on what becomes
 * of a document where it is not, down to an error.
 */
const guarded =
  ({ array, change, kind, object }: Words) =>
  (term: Edit, writer: Writer): void => {
    const { edit, path } = term.node
    if (!isRepeatable(term.node.self))
      writer.refuse("jsonEdit", "a change of a document that is drawn")
    writer.put("CASE WHEN ")
    if (edit === "set" || edit === "append") {
      writer.put(`${kind}(`)
      sayAt(term, path, writer)
      writer.put(`) = '${edit === "set" ? object : array}' THEN `)
    } else {
      writer.put("(")
      sayAt(term, path, writer)
      writer.put(") IS NOT NULL THEN ")
    }
    change(term, writer)
    writer.put(" ELSE ")
    writer.term(term.kids.self)
    writer.put(" END")
  }

/** The path of each value. */
const targets = ({ edit, keys, path }: Edit["node"]): ReadonlyArray<Path> =>
  edit === "set" ? keys.map((key) => [...path, key]) : [path]

/** `json_set(x, '$.a', 1, '$.b', 2)`: the functions SQLite and MySQL share. */
const called =
  (append: string, tail: string, value: (term: Term, writer: Writer) => void) =>
  (term: Edit, writer: Writer): void => {
    const { edit } = term.node
    writer.put(`${edit === "append" ? append : edit === "remove" ? "json_remove" : "json_set"}(`)
    writer.term(term.kids.self)
    targets(term.node).forEach((path, i) => {
      const end = edit === "append" ? tail : ""
      writer.put(`, ${writer.dialect.textLiteral(pathText(path) + end)}`)
      const said = term.kids.values[i]
      if (said === undefined) return
      writer.put(", ")
      value(said, writer)
    })
    writer.put(")")
  }

/** A truth value as text of JSON: both servers keep it as a number. */
const sayTruth = (term: Term, writer: Writer): void => {
  writer.put("CASE ")
  writer.term(term, levels.primary)
  writer.put(" WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END")
}

/** A document in parentheses of the function that reads one, any other value as it is. */
const value =
  (open: string, close: string) =>
  (term: Term, writer: Writer): void => {
    const { sql } = typeOf(term)
    if (sql._tag !== "Json" && sql._tag !== "Boolean") return sayElement(term, writer)
    writer.put(open)
    if (sql._tag === "Json") writer.term(term)
    else sayTruth(term, writer)
    writer.put(close)
  }

export const jsonEditSqlite = guarded({
  kind: "json_type",
  object: "object",
  array: "array",
  change: called("json_set", "[#]", value("json(", ")"))
})

export const jsonEditMysql = guarded({
  kind: "json_type",
  object: "OBJECT",
  array: "ARRAY",
  change: called("json_array_append", "", value("json_extract(", ", '$')"))
})

/** A value as a document; NULL as JSON's. */
const sayDocument = (term: Term, writer: Writer): void => {
  const { sql } = typeOf(term)
  const plain = sql._tag !== "Json"
  writer.put(plain ? "coalesce(to_jsonb(" : "coalesce(")
  // The server asks what a text is before it makes a document of it.
  if (plain && isText(sql)) {
    writer.put("CAST(")
    writer.term(term)
    writer.put(" AS text)")
  } else if (plain) sayElement(term, writer)
  else writer.term(term)
  writer.put(plain ? "), 'null')" : ", 'null')")
}

const arrayPath = (path: Path, writer: Writer): string =>
  writer.dialect.textLiteral(arrayText(path.map(String)))

const changeOwn = (term: Edit, writer: Writer): void => {
  const { kids, node } = term
  if (node.edit === "remove") {
    writer.term(kids.self, levels.unary)
    return writer.put(` #- ${arrayPath(node.path, writer)}`)
  }
  const paths = targets(node)
  const append = node.edit === "append"
  writer.put((append ? "jsonb_insert(" : "jsonb_set(").repeat(paths.length))
  writer.term(kids.self)
  paths.forEach((path, i) => {
    writer.put(`, ${arrayPath(append ? [...path, -1] : path, writer)}, `)
    sayDocument(kids.values[i]!, writer)
    writer.put(append ? ", true)" : ")")
  })
}

/** `jsonb_set(x, '{a}', …)`: PostgreSQL. */
export const jsonEditOwn = guarded({
  kind: "jsonb_typeof",
  object: "object",
  array: "array",
  change: changeOwn
})
