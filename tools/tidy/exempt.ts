import type { Violation } from "../source/source.ts"

/** A rule that some files may break, and why. */
export interface Exception {
  readonly files: ReadonlyArray<string>
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
  const matches = (one: Exception, file: string, violation: Violation): boolean =>
    file === violation.file &&
    one.rule === violation.rule &&
    violation.message.includes(one.containing ?? "")
  const isExempt = (violation: Violation): boolean =>
    exceptions.some((one) => one.files.some((file) => matches(one, file, violation)))
  const stale = exceptions.flatMap((one) =>
    one.files
      .filter((file) => !violations.some((violation) => matches(one, file, violation)))
      .map((file) => ({
        file: "tools/tidy/exceptions.json",
        line: 1,
        rule: "stale",
        message: `${file} no longer breaks \`${one.rule}\`: remove the exception`
      }))
  )
  return [...violations.filter((violation) => !isExempt(violation)), ...stale]
}
