import type { Catalog } from "../../algebra/schema/Catalog.ts"
import type { Capabilities } from "../../algebra/Dialect.ts"
import {
  createSchema,
  createSequence,
  createType,
  createView,
  type Ddl,
  dropSchema,
  dropSequence,
  dropType,
  dropView,
  runText,
  tablesOf
} from "../../algebra/Ddl.ts"
import type { NamedType } from "../../algebra/schema/namedOf.ts"
import type { NamedSchema } from "../../algebra/schema/namedSchemaOf.ts"
import type { Sequence } from "../../algebra/schema/sequenceOf.ts"
import type { TableSource } from "../../algebra/Source.ts"
import type { TextObject } from "../../algebra/schema/TextObject.ts"
import { partsOn } from "./partsOn.ts"
import { createOrder, dropOrder } from "./schemaOrder.ts"

/**
 * What a schema is made of, by kind and name.
 *
 * @category models
 */
export interface SchemaObject {
  readonly kind: "schema" | "type" | "sequence" | "table" | "view" | "text"
  readonly schema: string | null
  readonly name: string
}

/** Statements that belong together: an object with all that comes and goes with it. */
export interface SchemaStep {
  readonly of: SchemaObject
  readonly nodes: ReadonlyArray<Ddl>
}

/** The members of a catalog that are created and dropped. */
export type SchemaParts = Pick<
  Catalog,
  "tables" | "views" | "types" | "texts" | "sequences" | "schemas"
>

const objectOf = ({ definition, name, schema }: TableSource): SchemaObject => ({
  kind: definition === null ? "table" : "view",
  schema,
  name
})

/** Neighbours of one table are one step. */
const stepsOf = (nodes: ReadonlyArray<Ddl>): ReadonlyArray<SchemaStep> => {
  const steps: Array<{ readonly of: SchemaObject; readonly nodes: Array<Ddl> }> = []
  let table: TableSource | undefined
  for (const node of nodes) {
    const [own] = tablesOf(node)
    if (own === undefined) continue
    if (own === table) steps.at(-1)!.nodes.push(node)
    else steps.push({ of: objectOf(own), nodes: [node] })
    table = own
  }
  return steps
}

const typeStep = (type: NamedType, node: Ddl): SchemaStep => ({
  of: { kind: "type", schema: type.schema, name: type.name },
  nodes: [node]
})

const sequenceStep = ({ name, schema }: Sequence, node: Ddl): SchemaStep => ({
  of: { kind: "sequence", schema, name },
  nodes: [node]
})

const schemaStep = ({ name }: NamedSchema, node: Ddl): SchemaStep => ({
  of: { kind: "schema", schema: null, name },
  nodes: [node]
})

/** Those that the dialect has a text for. */
const textSteps = (
  texts: ReadonlyArray<TextObject>,
  verb: "create" | "drop",
  { dialect }: Capabilities
): ReadonlyArray<SchemaStep> =>
  texts
    .filter(({ [verb]: said }) => said[dialect] !== undefined)
    .map((object) => ({
      of: { kind: "text", schema: null, name: object.name },
      nodes: [runText(object, verb)]
    }))

/**
 * Everything that creates a catalog, each object after what it needs: named types, tables and their
 * indexes, foreign keys that close a cycle, views, functions and triggers.
 */
export const createSteps = (
  parts: SchemaParts,
  capabilities: Capabilities,
  ifNotExists = false,
  ifNoSequence = ifNotExists
): ReadonlyArray<SchemaStep> => {
  const { schemas, sequences, tables, texts, types, views } = partsOn(parts, capabilities)
  return [
    ...schemas.map((one) => schemaStep(one, createSchema(one, ifNoSequence))),
    ...sequences.map((one) => sequenceStep(one, createSequence(one, ifNoSequence))),
    ...types.map((type) => typeStep(type, createType(type, ifNotExists))),
    ...stepsOf([
      ...createOrder(tables, capabilities, ifNotExists),
      ...views.map((view) => createView(view, ifNotExists))
    ]),
    ...textSteps(texts, "create", capabilities)
  ]
}

/** Everything that drops it, each object before what it needs. */
export const dropSteps = (
  parts: SchemaParts,
  capabilities: Capabilities,
  ifExists = false
): ReadonlyArray<SchemaStep> => {
  const { schemas, sequences, tables, texts, types, views } = partsOn(parts, capabilities)
  return [
    ...textSteps(texts, "drop", capabilities).toReversed(),
    ...stepsOf([
      ...views.toReversed().map((view) => dropView(view, ifExists)),
      ...dropOrder(tables, capabilities, ifExists)
    ]),
    ...types.toReversed().map((type) => typeStep(type, dropType(type, ifExists))),
    ...sequences.toReversed().map((one) => sequenceStep(one, dropSequence(one, ifExists))),
    ...schemas.toReversed().map((one) => schemaStep(one, dropSchema(one, ifExists)))
  ]
}
