import type { TableSource } from "../../../algebra/Source.ts"
import type { Writer } from "../../Dialect.ts"

/** InnoDB's longest key, in bytes; a character of utf8mb4 takes up to four. */
const longestKey = 3072

/** Refuses a key MySQL and MariaDB cannot index: texts without a length, or too long a one. */
export const checkKey = (table: TableSource, keys: ReadonlyArray<string>, writer: Writer): void => {
  if (writer.dialect.name !== "mysql" && writer.dialect.name !== "mariadb") return
  let bytes = 0
  for (const key of keys) {
    const { sql } = table.byKey.get(key)!.type
    if (sql._tag === "Text" || sql._tag === "Bytes" || sql._tag === "Json") {
      writer.refuse(
        "textKey",
        `a key over "${table.name}.${key}", which has no length: use a varchar`
      )
    }
    bytes += sql._tag === "Varchar" ? 4 * sql.length : sql._tag === "Uuid" ? 144 : 8
  }
  if (bytes > longestKey) writer.refuse("keyLength", `a key of ${bytes} bytes over ${table.name}`)
}
