import type { Result } from "../Driver.ts"

/** What joins the values of a group. */
const joins = /group_concat|json_(?:array|object)agg/i

/** How many warnings the end of an answer tells of; null where nobody heard it. */
export interface Warned {
  count: number | null
}

/** For a statement whose answer may be cut short; null for any other. */
export const warnedOf = (text: string): Warned | null => (joins.test(text) ? { count: null } : null)

/** What is used of mysql2's own, where it is so. */
interface Packet {
  readonly isEOF?: () => boolean
  readonly eofWarningCount?: () => number
}

interface Command {
  execute?: (packet: Packet | null | undefined, connection: unknown) => unknown
}

/** The columns of an answer end with a packet like that of its rows. */
const endOfRows = 2

/**
 * Hears how many warnings a statement's answer tells of, which mysql2 reads past.
 *
 * **Shape** of a mysql2 of another shape nothing is heard: who must know asks the server.
 * **Source** MariaDB manual, "EOF_Packet": the warning count.
 */
export const hearWarnings = (command: unknown, warned: Warned): void => {
  const heard = command as Command | null | undefined
  const execute = heard?.execute
  if (typeof execute !== "function") return
  let ends = 0
  heard!.execute = function (this: Command, packet, connection) {
    if (packet?.isEOF?.() === true && ++ends >= endOfRows)
      warned.count = ends === endOfRows ? (packet.eofWarningCount?.() ?? null) : null
    return execute.call(this, packet, connection)
  }
}

/** Cut at group_concat_max_len; larger than max_allowed_packet. */
const cuts: ReadonlySet<number> = new Set([1260, 1301])

/** What an answer with such warnings is refused with; null where none of them is of a cut. */
export const cutShort = ({ rows }: Result): Error | null =>
  rows.some((row) => cuts.has(Number(row[1])))
    ? Object.assign(new Error("the server cut a text or a list of a group short"), {
        errno: 1260,
        code: "ER_CUT_VALUE_GROUP_CONCAT",
        sqlState: "HY000",
        sqlMessage: "a text or a list of a group was cut short"
      })
    : null
