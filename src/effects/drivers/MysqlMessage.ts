import type { DialectName } from "../../algebra/Dialect.ts"
import type { Answer, MysqlCommand, MysqlConnection } from "./mysqlModule.ts"

/**
 * A prepared statement's execution as bytes, made before it can be sent.
 *
 * **Shape** the statement's number is put in when it is sent.
 * **Source** MariaDB manual, "COM_STMT_EXECUTE" and "Binary Protocol: values".
 */
interface Message {
  readonly bytes: Buffer
  readonly count: number
}

/** By the parameters they are of. */
const made = new WeakMap<ReadonlyArray<unknown>, Message>()

/** Memory of messages that were answered: what lies outside the heap is dear to collect. */
const idle: Array<Buffer> = []
const mostIdle = 4
const largestIdle = 2 ** 20

/** Makes the message of these parameters, for when they are sent; none where a value has none. */
export const makeMessage = (parameters: ReadonlyArray<unknown>): void => {
  const bytes = parameters.length === 0 ? null : messageOf(parameters)
  if (bytes !== null) made.set(parameters, { bytes, count: parameters.length })
}

/** The server has read it: another may be written there. */
const freed = ({ bytes }: Message): void => {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.buffer.byteLength)
  if (idle.length < mostIdle && whole.length <= largestIdle) idle.push(whole)
}

const memory = (size: number): Buffer => {
  const kept = idle.pop()
  return kept !== undefined && kept.length >= size ? kept : Buffer.from(new ArrayBuffer(size))
}

const types = { tiny: 1, long: 3, double: 5, null: 6, blob: 252, text: 253 } as const

/** The length of the packet, its number, the command, the statement, the cursor, the rounds. */
const head = 14
const statementAt = 5

const messageOf = (parameters: ReadonlyArray<unknown>): Buffer | null => {
  const count = parameters.length
  const nullsAt = head
  const typesAt = nullsAt + ((count + 7) >> 3) + 1
  let at = typesAt + count * 2
  let bytes = memory(at + count * 32)
  bytes.fill(0, 0, at)
  bytes[4] = 0x17
  bytes[10] = 1
  bytes[typesAt - 1] = 1
  for (let i = 0; i < count; i++) {
    const value = parameters[i]
    const room = at + roomOf(value)
    if (room > bytes.length) bytes = grown(bytes, at, room)
    let type: number
    switch (typeof value) {
      case "number":
        if ((value | 0) === value && !Object.is(value, -0)) {
          type = types.long
          at = bytes.writeInt32LE(value, at)
        } else {
          type = types.double
          at = bytes.writeDoubleLE(value, at)
        }
        break
      case "string":
        type = types.text
        at = writeText(bytes, value, at)
        break
      case "bigint":
        type = types.text
        at = writeText(bytes, String(value), at)
        break
      case "boolean":
        type = types.tiny
        at = bytes.writeUInt8(value ? 1 : 0, at)
        break
      default:
        if (value === null) {
          type = types.null
          bytes[nullsAt + (i >> 3)]! |= 1 << (i & 7)
        } else if (value instanceof Uint8Array) {
          type = types.blob
          at = writeLength(bytes, value.length, at)
          bytes.set(value, at)
          at += value.length
        } else return null
    }
    bytes[typesAt + i * 2] = type
  }
  return bytes.subarray(0, at)
}

/** At most so much: a unit of UTF-16 is three bytes of UTF-8, a length nine. */
const roomOf = (value: unknown): number =>
  typeof value === "string"
    ? 9 + value.length * 3
    : value instanceof Uint8Array
      ? 9 + value.length
      : typeof value === "bigint"
        ? 9 + String(value).length
        : 8

const grown = (bytes: Buffer, used: number, needed: number): Buffer => {
  const more = memory(Math.max(needed, bytes.length * 2))
  bytes.copy(more, 0, 0, used)
  return more
}

const writeText = (bytes: Buffer, text: string, at: number): number => {
  if (text.length * 3 > 250) {
    const start = writeLength(bytes, Buffer.byteLength(text), at)
    return start + bytes.write(text, start)
  }
  const size = bytes.write(text, at + 1)
  bytes[at] = size
  return at + 1 + size
}

const writeLength = (bytes: Buffer, length: number, at: number): number => {
  if (length < 251) return bytes.writeUInt8(length, at)
  if (length < 2 ** 16) return bytes.writeUInt16LE(length, bytes.writeUInt8(252, at))
  if (length < 2 ** 24) return bytes.writeUIntLE(length, bytes.writeUInt8(253, at), 3)
  return bytes.writeBigUInt64LE(BigInt(length), bytes.writeUInt8(254, at))
}

/** What mysql2 writes to the socket. */
interface Packet {
  readonly buffer: Buffer
  readonly length: () => number
  readonly writeHeader: (sequence: number) => void
}

/** What is used of mysql2's own, where it is so. */
interface Inside {
  clientEncoding?: unknown
  addCommand?: (command: object) => unknown
  writePacket?: (packet: Packet) => void
}

interface Execution {
  readonly statement?: { readonly id: number; readonly parameters: ReadonlyArray<unknown> }
  parameters: ReadonlyArray<unknown>
  onResult?: Answer
  start: (packet: unknown, connection: Inside) => unknown
}

/**
 * Executes a statement by the message that was made of its parameters, where there is one.
 *
 * **Shape** mysql2 makes a message when the statement before was answered, while the server waits.
 * A mysql2 of another shape makes it so here too: the server gets the same values.
 */
export const executeMade = (
  dialect: DialectName,
  raw: MysqlConnection,
  parameters: ReadonlyArray<unknown>,
  execute: () => MysqlCommand
): MysqlCommand => {
  const message = made.get(parameters)
  made.delete(parameters)
  const inside = raw as Inside
  const { addCommand } = inside
  const isKnown =
    message !== undefined &&
    // Messages to MySQL may tell of attributes too.
    dialect === "mariadb" &&
    inside.clientEncoding === "utf8" &&
    typeof inside.writePacket === "function" &&
    typeof addCommand === "function" &&
    // Closed: what it says then is said by mysql2.
    !Object.hasOwn(inside, "addCommand")
  if (!isKnown) return execute()
  const adding = (command: object): unknown => {
    if (isExecution(command)) command.start = starting(message, command.start)
    return addCommand.call(inside, command)
  }
  inside.addCommand = adding
  try {
    return execute()
  } finally {
    if (inside.addCommand === adding) delete inside.addCommand
  }
}

const isExecution = (command: object): command is Execution =>
  "parameters" in command &&
  Array.isArray(command.parameters) &&
  "start" in command &&
  typeof command.start === "function"

/** Starts as mysql2 does, but for what is written. */
const starting = (message: Message, own: Execution["start"]): Execution["start"] =>
  function (this: Execution, packet, connection) {
    const { bytes, count } = message
    const { statement } = this
    if (statement?.parameters.length !== count || Object.hasOwn(connection, "writePacket"))
      return own.call(this, packet, connection)
    bytes.writeInt32LE(statement.id, statementAt)
    this.parameters = []
    const { onResult } = this
    if (onResult !== undefined)
      this.onResult = (error, ...told) => {
        if (error == null) freed(message)
        onResult(error, ...told)
      }
    connection.writePacket = () => {
      delete connection.writePacket
      connection.writePacket!(packetOf(bytes))
    }
    try {
      return own.call(this, packet, connection)
    } finally {
      delete connection.writePacket
    }
  }

const packetOf = (bytes: Buffer): Packet => ({
  buffer: bytes,
  length: () => bytes.length - 4,
  writeHeader: (sequence) => {
    bytes.writeUIntLE(bytes.length - 4, 0, 3)
    bytes[3] = sequence
  }
})
