import type { Catalog } from "../algebra/Catalog.ts"
import type { Capabilities } from "../algebra/Dialect.ts"
import { createView, type Ddl, dropView } from "../algebra/Ddl.ts"
import type { TableSource } from "../algebra/Source.ts"
import { createOrder, dropOrder } from "./schemaOrder.ts"

/**
 * What a schema is made of, by kind and name.
 *
 * @category models
 */
export interface SchemaObject {
  readonly kind: "table" | "view"
  readonly schema: string | null
  readonly name: string
}

/** Statements that belong together: an object with all that comes and goes with it. */
export interface SchemaStep {
  readonly of: SchemaObject
  readonly nodes: ReadonlyArray<Ddl>
}

/** The members of a catalog that are created and dropped. */
export type SchemaParts = Pick<Catalog, "tables" | "views">

const objectOf = ({ definition, name, schema }: TableSource): SchemaObject => ({
  kind: definition === null ? "table" : "view",
  schema,
  name
})

/** Neighbours of one table are one step. */
const stepsOf = (nodes: ReadonlyArray<Ddl>): ReadonlyArray<SchemaStep> => {
  const steps: Array<{ readonly of: SchemaObject; readonly nodes: Array<Ddl> }> = []
  let table: TableSource | null = null
  for (const node of nodes) {
    if (node.table === table) steps.at(-1)!.nodes.push(node)
    else steps.push({ of: objectOf(node.table), nodes: [node] })
    ;({ table } = node)
  }
  return steps
}

/**
 * Everything that creates a catalog, each object after what it needs: tables and their indexes,
 * foreign keys that close a cycle, views.
 */
export const createSteps = (
  { tables, views }: SchemaParts,
  capabilities: Capabilities,
  ifNotExists = false
): ReadonlyArray<SchemaStep> =>
  stepsOf([
    ...createOrder(tables, capabilities, ifNotExists),
    ...views.map((view) => createView(view, ifNotExists))
  ])

/** Everything that drops it, each object before what it needs. */
export const dropSteps = (
  { tables, views }: SchemaParts,
  capabilities: Capabilities,
  ifExists = false
): ReadonlyArray<SchemaStep> =>
  stepsOf([
    ...views.toReversed().map((view) => dropView(view, ifExists)),
    ...dropOrder(tables, capabilities, ifExists)
  ])
