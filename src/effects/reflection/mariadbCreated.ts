import { inQuotes } from "../../algebra/inQuotes.ts"
import * as Effect from "effect/Effect"
import { unsafeSql } from "../../algebra/template.ts"
import * as T from "../../algebra/types.ts"
import type { ReadError } from "../DatabaseError.ts"
import { type Period, periodIn } from "./mariadbPeriods.ts"
import { type Ask, asking } from "./Reader.ts"

/**
 * What the text that makes a table says, and the information schema may not: a period never, a
 * check only to an account with a right on the whole schema, what ON DELETE does only to one that
 * may do more there than SELECT.
 *
 * **Source** MariaDB 10.11, `get_check_constraints_record` and `get_referential_constraints_record`
 * in sql_show.cc: they look at rights on the schema, not at those on the table.
 */
export interface Created {
  readonly period: Period | null
  readonly checks: ReadonlyArray<CreatedCheck>
  readonly actions: ReadonlyMap<string, Actions>
}

interface CreatedCheck {
  readonly name: string
  readonly level: "Column" | "Table"
  readonly predicate: string
}

interface Actions {
  readonly deletes: string
  readonly updates: string
}

/** Rights of the account itself, not those that come by a role or by a pattern of names. */
const rights = (schema: string | null) =>
  asking({ right: T.text })`
    SELECT r.PRIVILEGE_TYPE AS \`right\` FROM
      (SELECT p.GRANTEE, p.PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES AS p
        UNION ALL
        SELECT p.GRANTEE, p.PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES AS p
        WHERE BINARY p.TABLE_SCHEMA = BINARY coalesce(${schema}, DATABASE())) AS r
    WHERE r.GRANTEE = concat('''', left(CURRENT_USER(), char_length(CURRENT_USER()) - 1 -
          char_length(substring_index(CURRENT_USER(), '@', -1))),
        '''@''', substring_index(CURRENT_USER(), '@', -1), '''')
      AND r.PRIVILEGE_TYPE IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP',
        'REFERENCES', 'INDEX', 'ALTER', 'CREATE VIEW', 'SHOW VIEW', 'TRIGGER')
    LIMIT 1`

/** Whether the account is known to have a right on every table of the schema. */
export const hasWhole = (ask: Ask, schema: string | null): Effect.Effect<boolean, ReadError> =>
  Effect.map(ask(rights(schema)), (found) => found.length > 0)

const shown = (schema: string | null, table: string) => {
  const place = schema === null ? "" : `${inQuotes(schema, "`")}.`
  const text = `SHOW CREATE TABLE ${place}${inQuotes(table, "`")}`
  return asking({ table: T.text, definition: T.text })(unsafeSql(text))
}

/** Names and texts; whatever mode the session is in, texts are written with backslashes. */
const quotes = /`(?:[^`]|``)*`|"(?:[^"\\]|\\[^]|"")*"|'(?:[^'\\]|\\[^]|'')*'/g

/** The same length, with nothing in quotes or in parentheses. */
const bare = (line: string): string => {
  let depth = 0
  return line
    .replaceAll(quotes, (text) => "_".repeat(text.length))
    .replaceAll(/[^]/g, (char) => {
      if (char === ")") depth--
      const kept = depth === 0 ? char : "_"
      if (char === "(") depth++
      return kept
    })
}

/** The beginning of a line about a column or a rule. */
const heading = /^ {2}(CONSTRAINT )?(?:`((?:[^`]|``)+)`|"((?:[^"]|"")+)") /
const nameIn = ([, , ticked, quoted]: RegExpExecArray): string =>
  ticked?.replaceAll("``", "`") ?? quoted!.replaceAll('""', '"')

const checkIn = (line: string): CreatedCheck | null => {
  const found = heading.exec(line)
  const at = found === null ? -1 : bare(line).indexOf(" CHECK (")
  return found === null || at < 0
    ? null
    : {
        name: nameIn(found),
        level: found[1] === undefined ? "Column" : "Table",
        predicate: line.slice(at + " CHECK (".length, line.lastIndexOf(")"))
      }
}

/** RESTRICT is not written. */
const actionIn = (text: string, event: "DELETE" | "UPDATE"): string =>
  new RegExp(` ON ${event} (CASCADE|SET NULL|SET DEFAULT|NO ACTION)`).exec(text)?.[1] ?? "RESTRICT"

const actionsIn = (line: string): readonly [string, Actions] | null => {
  const found = heading.exec(line)
  const text = bare(line)
  return found?.[1] === undefined || !text.includes(" FOREIGN KEY (")
    ? null
    : [nameIn(found), { deletes: actionIn(text, "DELETE"), updates: actionIn(text, "UPDATE") }]
}

const createdIn = (definition: string): Created => {
  const lines = definition.split("\n")
  const period = periodIn(definition)
  const checks = lines.map(checkIn).filter((one) => one !== null)
  return {
    period,
    // The text has it with the period.
    checks: period === null ? checks : [...checks, { ...period, level: "Table" }],
    actions: new Map(lines.map(actionsIn).filter((one) => one !== null))
  }
}

/** The text of a table; null where the account has no right but on some of its columns. */
export const createdAs = (
  ask: Ask,
  schema: string | null,
  table: string
): Effect.Effect<Created | null, ReadError> =>
  ask(shown(schema, table)).pipe(
    Effect.map(([row]) => createdIn(row?.definition ?? "")),
    // It was dropped meanwhile.
    Effect.catchTag("SyntaxOrUndefined", () => Effect.succeed(createdIn(""))),
    Effect.catchTag("PermissionDenied", () => Effect.succeed(null))
  )
