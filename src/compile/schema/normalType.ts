import type { DialectName } from "../../algebra/Dialect.ts"

/** PostgreSQL's own names of types that have a shorter one. */
const postgresNames: ReadonlyArray<readonly [RegExp, string]> = [
  [/^varchar\b/, "character varying"],
  [/^(?:int|int4)$/, "integer"],
  [/^int8$/, "bigint"],
  [/^int2$/, "smallint"],
  [/^float8$/, "double precision"],
  [/^bool$/, "boolean"],
  [/^decimal\b/, "numeric"]
]

const zoned = /^(time|timestamp)(tz)?(\(\d+\))?( with(?:out)? time zone)?$/

const postgres = (text: string): string => {
  const array = /(\[\])+$/.exec(text)?.[0] ?? ""
  // How many dimensions an array has is not kept.
  if (array !== "") return `${postgres(text.slice(0, -array.length))}[]`
  const time = zoned.exec(text)
  if (time !== null) {
    const [, name, short, precision = "", long] = time
    const zone = short === "tz" || long === " with time zone" ? "with" : "without"
    // Six digits are what there are where none are said.
    return `${name}${precision === "(6)" ? "" : precision} ${zone} time zone`
  }
  for (const [pattern, name] of postgresNames)
    if (pattern.test(text)) return text.replace(pattern, name)
  return text
}

/** Widths for display say nothing of a number; `tinyint(1)` is what stands for a truth value. */
const mysql = (text: string): string =>
  text
    .replace(/^(smallint|mediumint|int|bigint)\(\d+\)/, "$1")
    .replace(/^tinyint\((?!1\))\d+\)/, "tinyint")
    .replace(/^(time|datetime|timestamp)\(0\)/, "$1")
    .replace(/^double precision$/, "double")
    .replace(/^year\(4\)$/, "year")
    // Told by the column's collation.
    .replace(/ CHARACTER SET \w+( COLLATE \w+)?$/, "")

/**
 * The one spelling of a type a dialect has many for.
 *
 * **Shape** what the server reports and what a column definition says become one text.
 */
export const normalType = (dialect: DialectName, text: string): string => {
  const plain = text.trim().replaceAll(/, /g, ",")
  switch (dialect) {
    case "sqlite":
      return plain.toUpperCase()
    case "postgres":
      return postgres(plain.toLowerCase() === plain ? plain : text.trim())
    case "mysql":
      return mysql(plain)
    case "mariadb":
      // JSON is a text there that is checked.
      return plain === "json" ? "longtext" : mysql(plain)
  }
}
