import type { DialectText, HintForm } from "../../../algebra/Relation.ts"
import type { Writer } from "../../Dialect.ts"
import type { From } from "../../Placed.ts"

/** A text for this dialect between others; nothing where there is none. */
export const sayText = (writer: Writer, text: DialectText, before: string, after: string): void => {
  const said = text[writer.dialect.name]
  if (said !== undefined) writer.put(`${before}${said}${after}`)
}

/** Comments, and PostgreSQL's hints, which an extension reads in the comment before SELECT. */
export const sayBefore = (writer: Writer, hint: HintForm): void => {
  if (hint._tag === "Comment") writer.put(`/* ${hint.text} */ `)
  if (hint._tag === "Optimizer" && writer.dialect.name === "postgres")
    sayText(writer, hint.text, "/*+ ", " */ ")
}

export const sayOptimizer = (writer: Writer, hint: HintForm): void => {
  const after = writer.dialect.name === "mysql" || writer.dialect.name === "mariadb"
  if (hint._tag === "Optimizer" && after) sayText(writer, hint.text, "/*+ ", " */ ")
}

type TableFrom = Extract<From, { readonly _tag: "TableFrom" }>

/** Elsewhere no table has the rows of another. */
export const sayOnly = (writer: Writer, { only }: TableFrom): void => {
  if (only && writer.dialect.name === "postgres") writer.put("ONLY ")
}

export const sayIndexes = (writer: Writer, { indexes }: TableFrom): void => {
  if (writer.dialect.name !== "mysql" && writer.dialect.name !== "mariadb") return
  for (const { names, verb } of indexes) {
    writer.put(` ${verb.toUpperCase()} INDEX (`)
    writer.commas(names, (name) => writer.name(name))
    writer.put(")")
  }
}
