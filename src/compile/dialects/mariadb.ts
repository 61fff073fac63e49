import type { SqlType } from "../../algebra/SqlType.ts"
import { exactCast, exactColumn, familyOf } from "../exactNames.ts"
import type { Dialect, TermCases } from "../Dialect.ts"
import { mysql, mysqlTerms } from "./mysql.ts"
import { usualOptions } from "./usualTable.ts"

const terms: TermCases = {
  ...mysqlTerms,
  Cast: (term, writer, expect) => {
    // JSON is an alias of LONGTEXT here, and CAST does not know it.
    if (term.node.type.sql._tag === "Json") writer.refuse("cast", "a cast to Json")
    mysqlTerms.Cast(term, writer, expect)
  }
}

const columnType = (sql: SqlType): string =>
  exactColumn(sql, "mariadb") ??
  (sql._tag === "Custom" ? sql.print.mariadb : mysql.columnType(familyOf(sql)))
const castName = (sql: SqlType): string =>
  exactCast(sql, "mariadb") ??
  (sql._tag === "Custom" ? sql.print.mariadb : mysql.castName(familyOf(sql)))

export const mariadb: Dialect = {
  ...mysql,
  name: "mariadb",
  terms,
  castName,
  columnType,
  tableOptions: usualOptions("mariadb")
}
