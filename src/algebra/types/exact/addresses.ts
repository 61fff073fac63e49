import type { Type } from "../../Type.ts"
import { exactType, textForm } from "./make.ts"

const octet = "(?:\\d|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5])"
const four = new RegExp(`^${octet}(?:\\.${octet}){3}$`)

/** The eight groups of an IPv6 address; null for any other text. */
const groupsOf = (text: string): ReadonlyArray<number> | null => {
  const halves = text.split("::")
  if (halves.length > 2) return null
  const parts = halves.map((half) => (half === "" ? [] : half.split(":")))
  const last = parts.at(-1)!
  const dotted = last.at(-1)
  if (dotted !== undefined && dotted.includes(".")) {
    if (!four.test(dotted)) return null
    const [a, b, c, d] = dotted.split(".").map(Number)
    last.splice(-1, 1, (a! * 256 + b!).toString(16), (c! * 256 + d!).toString(16))
  }
  if (parts.flat().some((part) => !/^[\da-f]{1,4}$/i.test(part))) return null
  const [head, tail = []] = parts.map((half) => half.map((part) => parseInt(part, 16)))
  const missing = 8 - head!.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  return [...head!, ...Array.from({ length: halves.length === 1 ? 0 : missing }, () => 0), ...tail]
}

/** As servers print it: the longest run of zeros left out, IPv4 behind its prefix in dots. */
const printed = (groups: ReadonlyArray<number>): string => {
  let [start, length] = [-1, 1]
  for (let at = 0; at < 8; at++) {
    let end = at
    while (end < 8 && groups[end] === 0) end++
    if (end - at > length) [start, length] = [at, end - at]
    if (end > at) at = end
  }
  const isMapped = start === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff))
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":")
  if (isMapped) {
    const dotted = groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join(".")
    return `::${length === 5 ? "ffff:" : ""}${dotted}`
  }
  return start < 0 ? hex(0, 8) : `${hex(0, start)}::${hex(start + length, 8)}`
}

interface Address {
  readonly text: string
  readonly bits: 32 | 128
  readonly groups: ReadonlyArray<number>
}

const addressOf = (text: string): Address | null => {
  if (four.test(text)) return { text, bits: 32, groups: text.split(".").map(Number) }
  const groups = groupsOf(text)
  return groups === null ? null : { text: printed(groups), bits: 128, groups }
}

/** Whether no bit is set after so many. */
const isNetwork = ({ bits, groups }: Address, width: number): boolean => {
  const size = bits === 32 ? 8 : 16
  return groups.every((group, i) => {
    const kept = Math.min(Math.max(width - i * size, 0), size)
    return (group & (2 ** (size - kept) - 1)) === 0
  })
}

const network = (text: string, strict: boolean): string | null => {
  const [host, mask, ...more] = text.split("/")
  const address = addressOf(host!)
  if (address === null || more.length > 0) return null
  if (mask !== undefined && !/^\d{1,3}$/.test(mask)) return null
  const width = mask === undefined ? address.bits : Number(mask)
  if (width > address.bits || (strict && !isNetwork(address, width))) return null
  return !strict && width === address.bits ? address.text : `${address.text}/${width}`
}

/**
 * A host address of IPv4 or IPv6, with its network's width where it has one: `10.1.2.3/24`.
 *
 * **Shape** text as the server prints it; other spellings of one address are taken.
 * **SQL** postgres: inet; `Unsupported` elsewhere.
 * **Errors** `EncodeFailed` for what is no address.
 * **Source** PostgreSQL manual 8.9.1; SQLAlchemy 2.0 `postgresql.INET`.
 *
 * @example
 * ```ts
 * import { Column, Table, Type } from "athanor"
 * const hosts = Table.make("hosts", { id: Column.id(), address: Column.make(Type.inet) })
 * ```
 * @category exact types
 */
export const inet: Type<string> = exactType({
  name: "inet",
  capability: "inetType",
  column: { postgres: "inet" },
  codec: textForm("an address of IPv4 or IPv6", (text) => network(text, false))
})

/**
 * A network of IPv4 or IPv6: `10.1.2.0/24`, without bits beyond its width.
 *
 * **SQL** postgres: cidr; `Unsupported` elsewhere.
 * **Errors** `EncodeFailed` for what is no network.
 * **Source** PostgreSQL manual 8.9.2; SQLAlchemy 2.0 `postgresql.CIDR`.
 *
 * @example
 * ```ts
 * import { Column, Table, Type } from "athanor"
 * const nets = Table.make("nets", { id: Column.id(), net: Column.make(Type.cidr) })
 * ```
 * @category exact types
 */
export const cidr: Type<string> = exactType({
  name: "cidr",
  capability: "cidrType",
  column: { postgres: "cidr" },
  codec: textForm("a network of IPv4 or IPv6", (text) => network(text, true))
})

const mac = (groups: number) => {
  const form = new RegExp(`^[\\da-f]{2}(?:([:-])[\\da-f]{2})(?:\\1[\\da-f]{2}){${groups - 2}}$`)
  return (text: string): string | null => {
    const lower = text.toLowerCase()
    return form.test(lower) ? lower.replaceAll("-", ":") : null
  }
}

/**
 * A hardware address of six bytes: `08:00:2b:01:02:03`.
 *
 * **SQL** postgres: macaddr; `Unsupported` elsewhere.
 * **Errors** `EncodeFailed` for what is none.
 * **Source** PostgreSQL manual 8.9.4; SQLAlchemy 2.0 `postgresql.MACADDR`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.macaddr.key // => "exact macaddr"
 * ```
 * @category exact types
 */
export const macaddr: Type<string> = exactType({
  name: "macaddr",
  capability: "macaddrType",
  column: { postgres: "macaddr" },
  codec: textForm("a hardware address of six bytes", mac(6))
})

/**
 * A hardware address of eight bytes: `08:00:2b:01:02:03:04:05`.
 *
 * **SQL** postgres: macaddr8; `Unsupported` elsewhere.
 * **Errors** `EncodeFailed` for what is none.
 * **Source** PostgreSQL manual 8.9.5; SQLAlchemy 2.0 `postgresql.MACADDR8`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.macaddr8.key // => "exact macaddr8"
 * ```
 * @category exact types
 */
export const macaddr8: Type<string> = exactType({
  name: "macaddr8",
  capability: "macaddrType",
  column: { postgres: "macaddr8" },
  codec: textForm("a hardware address of eight bytes", mac(8))
})

/**
 * An IPv4 address: `10.1.2.3`.
 *
 * **SQL** mariadb since 10.10: inet4; `Unsupported` elsewhere.
 * **Errors** `EncodeFailed` for what is none.
 * **Source** MariaDB manual, INET4.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.inet4.key // => "exact inet4"
 * ```
 * @category exact types
 */
export const inet4: Type<string> = exactType({
  name: "inet4",
  capability: "inetType",
  column: { mariadb: "inet4" },
  since: { mariadb: [10, 10, 0] },
  codec: textForm("an address of IPv4", (text) => (four.test(text) ? text : null))
})

/**
 * An IPv6 address, or an IPv4 one inside of IPv6: `2001:db8::1`, `::ffff:10.1.2.3`.
 *
 * **SQL** mariadb since 10.5: inet6; `Unsupported` elsewhere.
 * **Errors** `EncodeFailed` for what is none.
 * **Source** MariaDB manual, INET6.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.inet6.key // => "exact inet6"
 * ```
 * @category exact types
 */
export const inet6: Type<string> = exactType({
  name: "inet6",
  capability: "inetType",
  column: { mariadb: "inet6" },
  since: { mariadb: [10, 5, 0] },
  codec: textForm("an address of IPv6", (text) => {
    const address = addressOf(text)
    return address === null || address.bits === 32 ? null : address.text
  })
})
