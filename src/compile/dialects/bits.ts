import type { BitOperator } from "../../algebra/Scalar.ts"
import type { Writer } from "../Dialect.ts"
import { levels } from "../levels.ts"
import type { Operator, Term } from "../Placed.ts"
import { castAs } from "./functions.ts"

type Arith = Operator<"Arith">

const words: Readonly<Record<BitOperator, string>> = {
  bitAnd: "&",
  bitOr: "|",
  bitXor: "^",
  shiftLeft: "<<",
  shiftRight: ">>"
}

/** Whether an operator is one of bits. */
export const isBits = (op: Arith["node"]["op"]): op is BitOperator => Object.hasOwn(words, op)

/** The complement is XOR with all bits, and is said as itself. */
const isComplement = ({ kids, node }: Arith): boolean =>
  node.op === "bitXor" && kids.right._tag === "Constant" && kids.right.node.value === -1

/** `a & b`, or `~a`: grammars rank these operators each in its own way, so operands are closed. */
const plain = (term: Arith, writer: Writer, xor: string): void => {
  const { op } = term.node
  if (isComplement(term)) {
    writer.put("~")
    return writer.term(term.kids.left, levels.primary)
  }
  writer.term(term.kids.left, levels.unary)
  writer.put(` ${op === "bitXor" ? xor : words[op as BitOperator]} `)
  writer.term(term.kids.right, levels.unary)
}

const amountOf = (term: Term): number =>
  term._tag === "Constant" && typeof term.node.value === "number" ? term.node.value : 0

/** How many bits the type of the result has. */
export const widthOf = ({ type }: Arith["node"]): number =>
  type.sql._tag === "Smallint" ? 16 : type.sql._tag === "Integer" ? 32 : 64

/** What does not fit the width is dropped: of a value of 64 bits its lowest, the first its sign. */
const dropped = (width: number, writer: Writer, value: () => void, cast: boolean): void => {
  const half = String(2 ** (width - 1))
  const masked = (): void => {
    writer.put("(")
    value()
    writer.put(` + ${half}) & ${2 ** width - 1}`)
  }
  writer.put("(")
  if (cast) castAs(writer, "SIGNED", masked)
  else {
    writer.put("(")
    masked()
    writer.put(")")
  }
  writer.put(` - ${half})`)
}

/** Bits of integers of their own width: PostgreSQL, whose XOR is `#`. */
export const bitsOwn = (term: Arith, writer: Writer): void => plain(term, writer, "#")

/** Bits of 64-bit integers, from which a shift to the left of a narrower one is cut: SQLite. */
export const bitsSigned = (term: Arith, writer: Writer): void => {
  const width = widthOf(term.node)
  if (term.node.op !== "shiftLeft" || width === 64) return plain(term, writer, "^")
  dropped(
    width,
    writer,
    () => {
      writer.put("(")
      plain(term, writer, "^")
      writer.put(")")
    },
    false
  )
}

/** Bits of BIGINT UNSIGNED, read back as signed: MySQL and MariaDB. */
export const bitsUnsigned = (term: Arith, writer: Writer): void => {
  const { node } = term
  const width = widthOf(node)
  const signed = (): void => castAs(writer, "SIGNED", () => plain(term, writer, "^"))
  if (node.op === "shiftLeft" && width < 64) return dropped(width, writer, signed, true)
  const by = amountOf(term.kids.right)
  if (node.op !== "shiftRight") return signed()
  if (by === 0) return writer.term(term.kids.left, levels.primary)
  // A shift to the right fills with zeros: shifted with the sign turned round, then moved back.
  writer.put("(")
  castAs(writer, "SIGNED", () => {
    writer.put("(")
    writer.term(term.kids.left, levels.unary)
    writer.put(` ^ 9223372036854775808) >> ${by}`)
  })
  writer.put(` - ${2n ** BigInt(63 - by)})`)
}
