import type { Codec, RowCodec } from "../Codec.ts"
import type { AnyType } from "../Type.ts"
import * as MultiRange from "../values/MultiRange.ts"
import * as Range from "../values/Range.ts"
import { makeCodec, refused } from "./make.ts"

type AnyRange = Range.Range<Range.Bound>
type AnyMultiRange = MultiRange.MultiRange<Range.Bound>

const form = /^([[(])("(?:[^"\\]|""|\\.)*"|[^,"]*),("(?:[^"\\]|""|\\.)*"|[^,"]*)([\])])$/s
const part =
  /empty|[[(](?:"(?:[^"\\]|""|\\.)*"|[^",\])])*,(?:"(?:[^"\\]|""|\\.)*"|[^",\])])*[\])]/gs

/** A bound without its quotes; null where there is none. */
const boundText = (text: string): string | null =>
  text === ""
    ? null
    : text.startsWith('"')
      ? text.slice(1, -1).replace(/""|\\(.)/gs, (two, one: string | undefined) => one ?? two[0]!)
      : text

interface Forms {
  readonly read: (raw: unknown) => unknown
  readonly write: (value: Range.Bound) => unknown
}

/** How ranges of a type's values are read and written by one of its forms. */
const rangeForm = (
  expected: string,
  { read, write }: Forms
): { readonly decode: (raw: unknown) => AnyRange; readonly encode: (value: unknown) => string } => {
  const bound = (text: string): Range.Bound | null => {
    const bare = boundText(text)
    return bare === null ? null : (read(bare) as Range.Bound)
  }
  const said = (value: Range.Bound | null): string =>
    value === null ? "" : `"${String(write(value))}"`
  return {
    decode: (raw) => {
      if (raw === "empty") return Range.empty
      const found = typeof raw === "string" ? form.exec(raw) : null
      if (found === null) return refused(expected)
      const [, opens, lower, upper, closes] = found as unknown as ReadonlyArray<string>
      return Range.make(bound(lower!), bound(upper!), `${opens}${closes}` as Range.Bounds)
    },
    encode: (value) => {
      if (!Range.isRange(value)) return refused(expected)
      const { bounds, isEmpty, lower, upper } = value as AnyRange
      return isEmpty ? "empty" : `${bounds[0]}${said(lower)},${said(upper)}${bounds[1]}`
    }
  }
}

const nowhere = <A>(): RowCodec<A> => ({
  decode: () => refused("nothing: there are no ranges"),
  encode: () => refused("nothing: there are no ranges")
})

const jsonOf = (read: (raw: unknown) => unknown, type: AnyType) => (text: unknown) =>
  read(numbers.has(type.sql._tag) && text !== "" ? Number(text) : text)

/** Types whose JSON form is a number. */
const numbers: ReadonlySet<string> = new Set(["Integer"])

const formsOf = (of: AnyType, expected: string) => {
  const { json, row } = of.codec
  return {
    row: rangeForm(expected, { read: row.postgres.decode, write: row.postgres.encode }),
    json: rangeForm(expected, { read: jsonOf(json.decode, of), write: json.encode })
  }
}

/** Ranges in the server's own text: `["1","10")`, `empty`; in JSON the same of JSON's values. */
export const rangeCodec = (of: AnyType): Codec<AnyRange> => {
  const { json, row } = formsOf(of, `a Range of ${of.key}`)
  return makeCodec<AnyRange>({ sqlite: nowhere(), postgres: row, mysql: nowhere(), json })
}

/** Multiranges likewise: `{[1,3),[5,9)}`. */
export const multiRangeCodec = (of: AnyType): Codec<AnyMultiRange> => {
  const expected = `a MultiRange of ${of.key}`
  const many = ({ decode, encode }: RowCodec<AnyRange>): RowCodec<AnyMultiRange> => ({
    decode: (raw) => {
      if (typeof raw !== "string" || !/^\{.*\}$/s.test(raw)) return refused(expected)
      const parts = raw.slice(1, -1).match(part) ?? []
      return parts.join() === raw.slice(1, -1)
        ? MultiRange.make(parts.map((one) => decode(one)))
        : refused(expected)
    },
    encode: (value) =>
      MultiRange.isMultiRange(value)
        ? `{${value.ranges.map((one) => encode(one)).join()}}`
        : refused(expected)
  })
  const { json, row } = formsOf(of, expected)
  return makeCodec<AnyMultiRange>({
    sqlite: nowhere(),
    postgres: many(row),
    mysql: nowhere(),
    json: many(json)
  })
}
