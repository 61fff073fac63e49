/** A text equal for rows that are equal and different otherwise: types, key order and all. */
export const canonical = (value: unknown): string => {
  if (value === null) return "null"
  switch (typeof value) {
    case "bigint":
      return `${value}n`
    case "string":
      return JSON.stringify(value)
    case "object":
      return Array.isArray(value)
        ? `[${value.map(canonical).join()}]`
        : `{${Object.entries(value)
            .map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`)
            .join()}}`
    default:
      return String(value)
  }
}

/** The bag of rows as sorted texts. */
export const bag = (rows: ReadonlyArray<unknown>): ReadonlyArray<string> =>
  rows.map(canonical).sort()

const sameList = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i])

/** Whether two bags hold the same rows as often. */
export const sameBag = (a: ReadonlyArray<unknown>, b: ReadonlyArray<unknown>): boolean =>
  sameList(bag(a), bag(b))

/** Whether rows come in the promised order: class after class, in any order within one. */
export const inClasses = (
  rows: ReadonlyArray<unknown>,
  classes: ReadonlyArray<ReadonlyArray<unknown>>
): boolean => {
  let at = 0
  for (const one of classes) {
    if (!sameBag(rows.slice(at, at + one.length), one)) return false
    at += one.length
  }
  return at === rows.length
}
