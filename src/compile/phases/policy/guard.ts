import * as S from "../../../algebra/Scalar.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"

/** How a statement that fails a guard says so: the number is the policy's place. */
export const guardText = (index: number): string => `athanor policy ${index}`

/** The place of the policy a server's message tells of; null where it tells of none. */
export const guardOf = (message: string): number | null => {
  const found = /athanor policy (\d+)/.exec(message)
  return found === null ? null : Number(found[1])
}

/**
 * The value where `check` is TRUE; else the statement fails, and nothing of it is done.
 *
 * A server has no such expression. A cast of words to a number or a truth value fails where it is
 * evaluated, on MySQL and MariaDB in strict mode; SQLite's connection has a function that throws.
 */
export const guarded = (value: Scalar, check: Scalar, index: number): Scalar => {
  const text = guardText(index)
  const numeric = [
    "CASE WHEN CAST(CASE WHEN ",
    ` THEN '1' ELSE '${text}' END AS SIGNED) = 1 THEN `,
    " END"
  ]
  return S.customScalar(
    "policyGuard",
    [check, value],
    {
      sqlite: ["CASE WHEN ", " THEN ", ` ELSE ${sqliteRefusal}('${text}') END`],
      postgres: [
        "CASE WHEN CAST(CASE WHEN ",
        // What depends on the session is not worked out before there is a row.
        ` THEN 'true' ELSE '${text}' || left(current_user, 0) END AS boolean) THEN `,
        " END"
      ],
      mysql: numeric,
      mariadb: numeric
    },
    value.type
  )
}

/** The function SQLite's connections have for it: fails with the words it is given. */
export const sqliteRefusal = "athanor_refuse"
