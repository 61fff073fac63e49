import { inQuotes } from "../../algebra/inQuotes.ts"

/** What stands for a character behind a backslash, where it is not the character itself. */
const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  b: "\b",
  n: "\n",
  r: "\r",
  t: "\t",
  Z: "\x1a"
}

/** A name in backticks as it is; a literal with what is between its quotes. */
const quoted = /`(?:[^`]|``)*`|'((?:[^'\\]|\\[^]|'')*)'/g

/**
 * An expression as MariaDB writes it, with literals as the standard has them: it escapes what it
 * writes by backslashes, which athanor's sessions read as characters like any other.
 *
 * **Source** MariaDB, `NO_BACKSLASH_ESCAPES` of SQL_MODE, which its own printing does not regard.
 */
export const standardLiterals = (text: string): string =>
  text.includes("\\")
    ? text.replace(quoted, (all, inner?: string) =>
        inner === undefined
          ? all
          : inQuotes(
              inner.replace(/\\([^])|''/g, (_, one?: string) =>
                one === undefined ? "'" : (escapes[one] ?? one)
              ),
              "'"
            )
      )
    : text
