import type { Catalog } from "../../algebra/schema/Catalog.ts"
import type { DialectName } from "../../algebra/Dialect.ts"
import type { Notes } from "../../algebra/schema/notes.ts"
import { type Diagram, diagramOf } from "./Diagram.ts"
import { dot } from "./dot.ts"
import { mermaid } from "./mermaid.ts"
import { svg } from "./svg.ts"

/**
 * What a catalog is drawn as.
 *
 * @category models
 */
export type PictureKind = "mermaid" | "dot" | "svg"

/**
 * How a catalog is drawn.
 *
 * @category models
 */
export interface PictureOptions {
  /** In whose words types are written. Default `postgres`. */
  readonly dialect?: DialectName
  /** What of a table's or a column's own notes stands beside it; nothing where null. */
  readonly tell?: (notes: Notes) => string | null
}

const kinds: Readonly<Record<PictureKind, (diagram: Diagram) => string>> = { mermaid, dot, svg }

/**
 * An entity-relationship diagram of a catalog, as text: Mermaid's, Graphviz's, or SVG.
 *
 * **Shape** a box for each table, a line for each foreign key between them: a crow's foot where
 * many rows may refer to one, a ring where a row may refer to none. No server and no program draws
 * it. Names are escaped, whatever they hold; equal catalogs have equal pictures.
 * **Source** Chen 1976; Barker's notation; mermaid.js.org "Entity Relationship Diagrams".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Table } from "athanor"
 * import { picture } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id() })
 * const posts = Table.make("posts", { author: Column.integer().references(() => users.c.id) })
 * const text = picture(Catalog.make({ users, posts }), "mermaid")
 * text.endsWith('t0 ||--o{ t1 : "author"\n') // => true
 * ```
 * @category interpreters
 */
export const picture = (
  catalog: Catalog,
  kind: PictureKind,
  { dialect = "postgres", tell = () => null }: PictureOptions = {}
): string => kinds[kind](diagramOf(catalog, dialect, tell))
