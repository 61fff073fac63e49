/** What is used of a row on its way in: its bytes, read one field after another. */
interface Packet {
  readonly readInt8: () => number
  readonly readInt16: () => number
  readonly readInt32: () => number
  readDateTimeString: typeof dateTimeText
}

interface RowParser {
  readonly next: (packet: Packet, fields: ReadonlyArray<unknown>, options: unknown) => unknown
}
type RowParserClass = new () => RowParser

/** A statement being executed, as mysql2 keeps it. */
interface Execution {
  buildParserFromFields: (
    fields: ReadonlyArray<{ readonly columnType: number }>,
    connection: unknown
  ) => RowParserClass
}

const timestamp = 7
const datetime = 12

const pairs = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, "0"))

/**
 * A DATE, DATETIME or TIMESTAMP of the binary protocol as text, in the words of mysql2's own method
 * of this name: it pads, joins and slices for ten times as long, which is half the cost of a row.
 */
function dateTimeText(
  this: Packet,
  decimals: number,
  separator: string | null,
  columnType: number | null
): string {
  const length = this.readInt8()
  let text = "0000-00-00"
  if (length > 3) {
    const year = this.readInt16()
    const month = this.readInt8()
    const day = this.readInt8()
    text = `${pairs[(year / 100) | 0]}${pairs[year % 100]}-${pairs[month]}-${pairs[day]}`
  }
  if (length > 6) {
    const hour = this.readInt8()
    const minute = this.readInt8()
    const second = this.readInt8()
    text += `${separator ?? " "}${pairs[hour]}:${pairs[minute]}:${pairs[second]}`
  } else if (columnType === datetime || columnType === timestamp) text += " 00:00:00"
  return length > 10 ? text + fractionText(this.readInt32(), decimals) : text
}

const fractionText = (micros: number, decimals: number): string => {
  if (!decimals) return `.${micros}`
  const millis = (micros / 1000) | 0
  // The server sends zeros beyond the column's own digits.
  const first = `.${(millis / 100) | 0}${pairs[millis % 100]}`
  return decimals === 3 ? first : first.slice(0, decimals + 1) + rest(micros % 1000, decimals - 3)
}

const rest = (micros: number, digits: number): string =>
  digits <= 0 ? "" : `${(micros / 100) | 0}${pairs[micros % 100]}`.slice(0, digits)

const quick = new WeakMap<RowParserClass, RowParserClass>()

const quickened = (parser: RowParserClass): RowParserClass => {
  let made = quick.get(parser)
  if (made === undefined) {
    made = class {
      readonly #inner = new parser()
      next(packet: Packet, fields: ReadonlyArray<unknown>, options: unknown): unknown {
        packet.readDateTimeString = dateTimeText
        return this.#inner.next(packet, fields, options)
      }
    }
    quick.set(parser, made)
  }
  return made
}

const isDated = ({ columnType }: { readonly columnType: number }): boolean =>
  columnType === timestamp || columnType === datetime

/**
 * Lets a statement read its timestamps fast. A mysql2 of another shape reads them its own way: the
 * values are the same.
 */
export const readDatesFast = (command: unknown): void => {
  const execution = command as Partial<Execution> | null | undefined
  const build = execution?.buildParserFromFields
  if (typeof build !== "function") return
  execution!.buildParserFromFields = (fields, connection) => {
    const parser = build.call(execution, fields, connection)
    return fields.some(isDated) ? quickened(parser) : parser
  }
}
