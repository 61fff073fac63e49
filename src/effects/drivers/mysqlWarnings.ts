/** How many warnings the end of an answer tells of; null where nobody heard it. */
export interface Warned {
  count: number | null
}

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
