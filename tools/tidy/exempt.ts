import type { Violation } from "../source/source.ts"

/** A rule that one file may break, and why. */
export interface Exception {
  readonly file: string
  readonly rule: string
  /** Text the message must contain, to exempt one name and not the file. */
  readonly containing?: string
  readonly reason: string
}

/** Leaves out what is exempt, and reports an exception that exempts nothing any more. */
export const withoutExempt = (
  violations: ReadonlyArray<Violation>,
  exceptions: ReadonlyArray<Exception>
): ReadonlyArray<Violation> => {
  const matches = (one: Exception, violation: Violation): boolean =>
    one.file === violation.file &&
    one.rule === violation.rule &&
    violation.message.includes(one.containing ?? "")
  const stale = exceptions
    .filter((one) => !violations.some((violation) => matches(one, violation)))
    .map(({ file, rule }) => ({
      file: "tools/tidy/exceptions.json",
      line: 1,
      rule: "stale",
      message: `${file} no longer breaks \`${rule}\`: remove the exception`
    }))
  const left = violations.filter((one) => !exceptions.some((exception) => matches(exception, one)))
  return [...left, ...stale]
}
