import type { CreateSchema, DropSchema } from "../../../algebra/Ddl.ts"
import type { NamedSchema } from "../../../algebra/schema/namedSchemaOf.ts"
import type { Writer } from "../../Dialect.ts"

const sayName = ({ name }: NamedSchema, writer: Writer): void => {
  if (writer.dialect.name === "sqlite") writer.refuse("createSchema", `the schema ${name}`)
  writer.schema(name, "alone")
}

/** CREATE SCHEMA. */
export const sayCreateSchema = ({ ifNotExists, schema }: CreateSchema, writer: Writer): void => {
  writer.put(`CREATE SCHEMA ${ifNotExists ? "IF NOT EXISTS " : ""}`)
  sayName(schema, writer)
}

/** DROP SCHEMA. */
export const sayDropSchema = ({ ifExists, schema }: DropSchema, writer: Writer): void => {
  writer.put(`DROP SCHEMA ${ifExists ? "IF EXISTS " : ""}`)
  sayName(schema, writer)
}
