import { inQuotes } from "../../algebra/inQuotes.ts"

/** The time for which rows of a table hold, and the keys whose rows do not overlap in it. */
export interface Period {
  /** As it is told: its name and its columns. */
  readonly told: string
  readonly name: string
  /** It begins before it ends: a rule the server makes itself, which bears its name. */
  readonly predicate: string
  readonly keys: ReadonlySet<string>
}

interface Check {
  readonly level: string | null
  readonly predicate: string | null
}

interface Column {
  readonly name: string | null
  readonly type: string | null
  readonly may_be_null: string | null
}

/** What the information schema says of a table. */
interface Parts {
  readonly columns: ReadonlyArray<Column>
  readonly checks: ReadonlyArray<Check>
  /** The columns of each unique key. */
  readonly keys: ReadonlyArray<ReadonlyArray<string | null>>
}

const name = /(?:`((?:[^`]|``)+)`|"((?:[^"]|"")+)"|(\w+))/.source
const nameIn = (found: RegExpExecArray, at: number): string =>
  found[at]?.replaceAll("``", "`") ?? found[at + 1]?.replaceAll('""', '"') ?? found[at + 2]!

const before = new RegExp(`^${name} < ${name}$`)
const temporal = /^(?:date|datetime|timestamp)\b/i

/**
 * Whether a table may have a period: MariaDB checks that one begins before it ends, by a rule that
 * looks like any other, and ends a key WITHOUT OVERLAPS with its columns, the later one first. Both
 * are of one type and never NULL.
 */
export const mayHavePeriod = ({ checks, columns, keys }: Parts): boolean => {
  const spans = (start: string | null, end: string | null): boolean => {
    const [one, other] = [start, end].map((each) => columns.find(({ name }) => name === each))
    return (
      one?.may_be_null === "NO" &&
      other?.may_be_null === "NO" &&
      one.type === other.type &&
      temporal.test(one.type ?? "")
    )
  }
  const isChecked = checks.some(({ level, predicate }) => {
    const found = level === "Table" ? before.exec(predicate ?? "") : null
    return found !== null && spans(nameIn(found, 1), nameIn(found, 4))
  })
  return isChecked || keys.some((key) => spans(key.at(-1) ?? null, key.at(-2) ?? null))
}

const period = new RegExp(`^ *PERIOD FOR ${name} \\(${name}, ?${name}\\),?$`)
const part = `${name}(?:\\(\\d+\\))?, ?`
const key = new RegExp(
  `^ *(?:UNIQUE KEY ${name}|(PRIMARY) KEY) \\((?:${part})+${name} WITHOUT OVERLAPS\\)`
)

/** The period in the text of CREATE TABLE; null where there is none but the system's. */
export const periodIn = (definition: string): Period | null => {
  const lines = definition.split("\n")
  const found = lines.map((line) => period.exec(line)).filter((one) => one !== null)
  const own = found.find((one) => one[3]?.toUpperCase() !== "SYSTEM_TIME")
  if (own === undefined) return null
  const keys = lines.flatMap((line) => {
    const one = key.exec(line)
    return one === null ? [] : [one[4] ?? nameIn(one, 1)]
  })
  const [called, start, end] = [nameIn(own, 1), nameIn(own, 4), nameIn(own, 7)]
  return {
    told: `${called}(${start}, ${end})`,
    name: called,
    predicate: `${inQuotes(start, "`")} < ${inQuotes(end, "`")}`,
    keys: new Set(keys)
  }
}
