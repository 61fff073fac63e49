import { atLeast, type Capabilities } from "../../../algebra/Dialect.ts"
import type { Exact, SqlType } from "../../../algebra/SqlType.ts"

type Types = Pick<Capabilities, "arrays" | "ranges" | "multiranges" | "intervals">

/** Types that some servers have not and nothing says instead, by the capability that has them. */
const native = (sql: SqlType): keyof Types | null => {
  switch (sql._tag) {
    case "Array":
      return native(sql.of) ?? "arrays"
    case "Range":
      return sql.multi ? "multiranges" : "ranges"
    case "Interval":
      return "intervals"
    default:
      return null
  }
}

/** Refuses a type the server has not, wherever an expression or a column is of it. */
export const refuseForeign = (
  sql: SqlType,
  capabilities: Capabilities,
  refuse: (capability: string, construct: string) => void
): void => {
  const { exact } = sql
  if (exact !== undefined && !hasExact(exact, capabilities))
    return refuse(exact.capability, `a value of the type ${exact.name}`)
  const capability = native(sql)
  if (capability !== null && !capabilities[capability])
    refuse(capability, `a value of the type ${sql._tag.toLowerCase()}`)
}

const hasExact = ({ column, since }: Exact, { dialect, version }: Capabilities): boolean => {
  const first = since?.[dialect]
  return column[dialect] !== null && (first === undefined || atLeast(version, ...first))
}
