/** docs/result-types.md: what every operation gives for every pair of operand types. */
import { type Judged, judge } from "./judge.ts"
import { applied, binary, operands, unary } from "./operations.ts"

/** An operation over named operands. */
export interface Cell {
  readonly operation: string
  readonly a: string
  readonly b: string | null
}

/** What a cell is, by the compiler and by the library. */
export interface Documented extends Cell {
  readonly value: string
  readonly type: string
}

const names = operands.map(([name]) => name)

/** All of them. */
export const cells: ReadonlyArray<Cell> = [
  ...binary.flatMap((operation) =>
    names.flatMap((a) => names.map((b): Cell => ({ operation, a, b })))
  ),
  ...unary.flatMap((operation) => names.map((a): Cell => ({ operation, a, b: null })))
]

/** The expression of a cell. */
export const textOf = ({ a, b, operation }: Cell): string =>
  applied(operation, `c.${a}`, `c.${b ?? ""}`)

/** What is documented of a cell; null where the compiler or the library refuses it. */
export const documented = (cell: Cell, { built, typed }: Judged): Documented | null =>
  built === null || typed === null
    ? null
    : { ...cell, value: typed.join(" | "), type: built.node.type.key }

const escaped = (text: string): string => text.replaceAll("|", "\\|")
const unescaped = (text: string): string => text.replaceAll("\\|", "|")

/** The page of what was judged. */
export const page = (found: ReadonlyArray<Documented>): string => {
  const rows = new Map<string, { readonly of: Documented; readonly b: Array<string> }>()
  for (const one of found) {
    const key = JSON.stringify([one.operation, one.a, one.value, one.type])
    const row = rows.get(key) ?? { of: one, b: [] }
    if (one.b !== null) row.b.push(one.b)
    rows.set(key, row)
  }
  return [
    "# Result types",
    "",
    "Made by `npm run sql` from the compiler's words and the library's types; not edited by hand.",
    "Operands are columns that are never NULL, named after their types; `instant` is",
    "`Type.timestamp(6)`, `numeric` is `Type.numeric(10, 2)`. What is not here does not compile,",
    "or is a `StatementError` when it is built. An operand that may be NULL adds `null` wherever",
    "NULL gives NULL. Values read are held to these types, those of random expressions too.",
    "",
    "| operation | a | b | TypeScript | type |",
    "| --- | --- | --- | --- | --- |",
    ...[...rows.values()].map(
      ({ b, of }) =>
        `| \`${of.operation}\` | ${of.a} | ${b.join(", ")} | \`${escaped(of.value)}\` | ` +
        `\`${escaped(of.type)}\` |`
    ),
    ""
  ].join("\n")
}

/** What a page documents. */
export const readPage = (text: string): ReadonlyArray<Documented> =>
  [...text.matchAll(/^\| `(.+?)` \| (\w+) \| (.*?) \| `(.+?)` \| `(.+)` \|$/gm)].flatMap(
    ([, operation, a, others, value, type]) =>
      (others === "" ? [null] : others!.split(", ")).map((b) => ({
        operation: operation!,
        a: a!,
        b,
        value: unescaped(value!),
        type: unescaped(type!)
      }))
  )

/** The page as it should be, from all cells. */
export const judgedPage = async (): Promise<string> => {
  const { all } = await judge(cells.map(textOf))
  return page(
    cells.flatMap((cell, at) => {
      const one = documented(cell, all[at]!)
      return one === null ? [] : [one]
    })
  )
}
