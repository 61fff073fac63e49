import type { CommentOn } from "../../../algebra/Ddl.ts"
import type { Writer } from "../../Dialect.ts"
import { fitName } from "../../identifiers.ts"
import type { Context } from "../../Program.ts"
import { sayColumn } from "./columns.ts"
import { sayTable } from "./queries.ts"
import { sayComment } from "./remark.ts"

const what = ({ on, table }: CommentOn): string =>
  on._tag === "Table" ? table.name : `${on._tag.toLowerCase()} ${on.name} of ${table.name}`

/** COMMENT ON, or the ALTER that says the same. */
export const sayCommentOn = (node: CommentOn, writer: Writer, context: Context): void => {
  const { comments } = writer.capabilities
  if (comments === "none") return writer.refuse("comments", `a comment on ${what(node)}`)
  if (comments === "inline") return sayAltered(node, writer, context)
  const { on, table, text } = node
  writer.put(`COMMENT ON ${on._tag.toUpperCase()} `)
  if (on._tag === "Constraint") {
    writer.name(fitName(on.name, writer.capabilities))
    writer.put(" ON ")
    sayTable(writer, table)
  } else if (on._tag === "Index") {
    writer.schema(table.schema)
    writer.name(fitName(on.name, writer.capabilities))
  } else {
    sayTable(writer, table)
    if (on._tag === "Column") {
      writer.put(".")
      writer.name(on.name)
    }
  }
  writer.put(` IS ${text === null ? "NULL" : writer.dialect.textLiteral(text)}`)
}

/** MySQL and MariaDB say a comment where they say the thing. */
const sayAltered = (node: CommentOn, writer: Writer, context: Context): void => {
  const { on, table, text } = node
  if (on._tag === "Index" || on._tag === "Constraint")
    return writer.refuse("constraintComments", `another comment on ${what(node)}`)
  writer.put("ALTER TABLE ")
  sayTable(writer, table)
  writer.put(on._tag === "Table" ? " COMMENT = " : " MODIFY COLUMN ")
  if (on._tag === "Table") return sayComment(text ?? "", writer)
  const column = table.columns.find(({ name }) => name === on.name)!
  // A getter of the column is read late, so it is not copied.
  const said = Object.create(column, { comment: { value: text } }) as typeof column
  sayColumn(said, table, writer, context)
}
