import type { Snapshot } from "../../algebra/schema/Snapshot.ts"
import { type CatalogSource, type CatalogSourceOptions, sourceOf } from "./catalogSource.ts"
import type { EntityNaming } from "./entityNames.ts"

export type { EntityNaming, NamedRelation } from "./entityNames.ts"

/**
 * What is printed of a snapshot, and what it is called.
 *
 * @category models
 */
export interface EntitySourceOptions extends CatalogSourceOptions {
  /** Names where the usual ones will not do. */
  readonly naming?: EntityNaming
}

/**
 * A snapshot as a module of entities, with a relation on each side of every foreign key.
 *
 * **Shape** what `catalogSource` prints, with a class for each table that has a primary key: keys
 * of columns in humps, a class called by the singular. A table that holds pairs of two others' keys
 * alone is a table still, and makes them many-to-many. A key the server makes is called `id`, and
 * children that the database deletes are `children: "database"`. Tables without a key, foreign keys
 * to another than the primary one, and names that were taken stand in `unsaid`.
 * **Laws** L29: the catalog of the module is the schema that was read, up to what is erased there;
 * equal snapshots give equal bytes.
 * **Errors** as `catalogSource`.
 * **Source** SQLAlchemy 2.0 "Automap".
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { entitySource } from "athanor/compile"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const made = Database.script("create table pets (id integer primary key, name text not null)")
 * const program = Effect.andThen(made, Database.reflect()).pipe(
 *   Effect.map((snapshot) => entitySource(snapshot).text))
 * const text = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * text.includes("export class Pet extends Entity<Pet>()(") // => true
 * ```
 * @category interpreters
 */
export const entitySource = (
  snapshot: Snapshot,
  { naming = {}, ...options }: EntitySourceOptions = {}
): CatalogSource => sourceOf(snapshot, options, naming)
