import type { CreateSequence, DropSequence } from "../../../algebra/Ddl.ts"
import type { Sequence } from "../../../algebra/schema/sequenceOf.ts"
import type { Writer } from "../../Dialect.ts"
import { counterWords } from "./columns.ts"

const sayName = ({ name, schema }: Sequence, writer: Writer): void => {
  const { name: dialect } = writer.dialect
  if (dialect === "sqlite" || dialect === "mysql")
    writer.refuse("sequences", `the sequence ${name}`)
  writer.schema(schema)
  writer.name(name)
}

/** CREATE SEQUENCE. */
export const sayCreateSequence = (
  { ifNotExists, sequence }: CreateSequence,
  writer: Writer
): void => {
  writer.put(`CREATE SEQUENCE ${ifNotExists ? "IF NOT EXISTS " : ""}`)
  sayName(sequence, writer)
  const said = counterWords(sequence.counter)
  if (said !== "") writer.put(` ${said}`)
}

/** DROP SEQUENCE. */
export const sayDropSequence = ({ ifExists, sequence }: DropSequence, writer: Writer): void => {
  writer.put(`DROP SEQUENCE ${ifExists ? "IF EXISTS " : ""}`)
  sayName(sequence, writer)
}
