/**
 * What athanor's SQLite connections can do beside SQLite: regular expressions, which it has none
 * of. By these names the texts call them, and the driver registers them.
 */
export const sqliteFunctions: Readonly<
  Record<string, (...args: ReadonlyArray<unknown>) => unknown>
> = {
  athanor_matches: (text, pattern, flags) =>
    text === null || pattern === null ? null : Number(compiled(pattern, flags).test(String(text))),
  athanor_replace: (text, pattern, by, flags) =>
    text === null || pattern === null || by === null
      ? null
      : String(text).replace(compiled(pattern, flags), () => String(by))
}

const kept = new Map<string, RegExp>()

/** The expression of a pattern; one pattern is asked of many rows. */
const compiled = (pattern: unknown, flags: unknown): RegExp => {
  const key = `${String(flags)}/${String(pattern)}`
  let found = kept.get(key)
  if (found === undefined) {
    found = read(String(pattern), String(flags))
    if (kept.size >= 200) kept.clear()
    kept.set(key, found)
  }
  found.lastIndex = 0
  return found
}

/** An invalid pattern is told apart as SQLite tells a value it cannot take. */
const read = (pattern: string, flags: string): RegExp => {
  try {
    return new RegExp(pattern, flags)
  } catch {
    throw Object.assign(new Error("invalid regular expression"), { code: "SQLITE_MISMATCH" })
  }
}
