import type { Expr, Ordering } from "../algebra/Expression.ts"
import type { From } from "../algebra/From.ts"
import type {
  ForeignKey,
  JoinSource,
  MemberJoin,
  MemberRows,
  TableSource
} from "../algebra/Source.ts"
import type { Columns } from "../algebra/schema/Table.ts"
import type { ChildrenRule } from "./ConstraintModel.ts"

export type { MemberRows }

/** Where an entity class keeps what it is. */
export const ClassId: unique symbol = Symbol.for("athanor/EntityClass")
export type ClassId = typeof ClassId

/** Where a value, a draft or a reference keeps the entity it belongs to. */
export const EntityId: unique symbol = Symbol.for("athanor/Entity")
export type EntityId = typeof EntityId

/** Where a relation keeps its declaration. */
export const RelationId: unique symbol = Symbol.for("athanor/Relation")
export type RelationId = typeof RelationId

/** An entity by the name of its table: its class, its source and its relations. */
export interface Mapped<out N extends string = string> {
  readonly table: N
  readonly source: TableSource
  /** Name of the class, for people. */
  readonly label: string
  readonly class: AnyEntity
  /** Prototype of the values: getters and methods of the class. */
  readonly prototype: object
  /** Relations by name, resolved: read it after every class exists. */
  readonly relations: () => ReadonlyMap<string, RelationFacts>
  /** What keeps its rows: its key is that of the first; none where rows are only read. */
  readonly tables: ReadonlyArray<TableSource>
  /** What all of its rows hold: the tag of a member of a family. */
  readonly fixed: Readonly<Record<string, unknown>>
  /** The members of a family; null for a class of its own. */
  readonly members: FamilyMembers | null
}

/** Classes by the values of the column that tells them apart. */
export interface FamilyMembers {
  readonly by: string
  readonly classes: ReadonlyMap<unknown, Mapped>
  /** Keys of the columns that every member has. */
  readonly shared: ReadonlySet<string>
  /** The key among the columns of all rows of what a member has under a key of its own. */
  readonly keyIn: (tag: string, key: string) => string
  /** The relations of a name, each of the member that has it, where not all say the same. */
  readonly each: (name: string) => ReadonlyArray<MemberRelation>
}

/** What one member of a family says of a relation, for those rows that are its own. */
export interface MemberRelation extends MemberJoin {
  readonly relation: RelationFacts
}

/**
 * An entity with the type of its columns; `R` are the names its values go by, which of a family
 * are those of its members.
 */
export interface EntityFacts<
  out N extends string,
  out C,
  out R extends string = N
> extends Mapped<N> {
  readonly columns: C
  /** The foreign keys its columns and rules declare: those of relations come on top. */
  readonly declaredKeys: () => ReadonlyArray<ForeignKey>
  readonly rows: R
}

/** The least a function needs of an entity class. */
export interface AnyEntity {
  readonly [ClassId]: EntityFacts<string, Columns>
  readonly prototype: object
}

/**
 * Anything that stands for one row of an entity: a value, a draft, a reference by key.
 *
 * @category models
 */
export interface OneOf<out N extends string> {
  readonly [EntityId]: Mapped<N>
}

/**
 * A relation as its class declares it; names and columns are resolved when every class exists.
 *
 * **Shape** null stands for what follows from names or foreign keys.
 */
export interface RelationSpec {
  readonly kind:
    | "belongsTo"
    | "hasOne"
    | "hasMany"
    | "manyToMany"
    | "relatesToMany"
    | "relatesToOne"
  readonly target: () => AnyEntity
  /** Columns of the foreign key, by key. */
  readonly key: ReadonlyArray<string> | null
  readonly children: ChildrenRule | null
  readonly through: Through | null
  /** The condition of a relation that is none of keys. */
  readonly on: Condition | null
  /** The order of its rows; null for that of their keys. */
  readonly orderBy: OrderOf | null
  /** It is never loaded whole. */
  readonly isLarge: boolean
  /** The target's column that holds the place of each row in the list. */
  readonly position: string | null
}

/** One thing rows are ordered by. */
export type Sorted = Expr<unknown, string> | Ordering<string>

/** The order of a relation's rows over the columns of their own. */
export type OrderOf = (target: SideColumns) => Sorted | ReadonlyArray<Sorted>

/** A predicate over the columns of both sides: its first argument is the side that declares it. */
export type Condition = (own: SideColumns, target: SideColumns) => Expr<boolean | null, unknown>

/** The columns of one side, as expressions. */
export type SideColumns = Readonly<Record<string, Expr<unknown, string>>>

/** The link table of a many-to-many relation. */
export interface Through {
  readonly table: () => From<string, unknown>
  /** Its columns that refer to this side. */
  readonly near: ReadonlyArray<string> | null
  /** Its columns that refer to the target. */
  readonly far: ReadonlyArray<string> | null
}

/** A relation with its name and columns. */
export interface RelationFacts extends JoinSource {
  readonly name: string
  readonly kind: RelationSpec["kind"]
  readonly owner: Mapped
  readonly related: Mapped
  /** A row may be without: some column of the key allows NULL. */
  readonly nullable: boolean
  /** What becomes of the children when their parent goes: of has-many relations. */
  readonly children: ChildrenRule | null
  /** The belonging side of a has-one or has-many, where the target declares it. */
  readonly inverse: string | null
  /** Before their keys, by which the rows of a relation to many are ordered. */
  readonly order: ReadonlyArray<Sorted>
  readonly isLarge: boolean
  readonly position: string | null
}

/** The entity of a value, a draft or a reference. */
export const entityOf = (value: OneOf<string>): Mapped => value[EntityId]

/** The table behind an entity class. */
export const sourceOf = (entity: AnyEntity): TableSource => entity[ClassId].source

/** Relations of a class by name. **Errors** `StatementError` for one without columns. */
export const relationsOf = (entity: AnyEntity): ReadonlyMap<string, RelationFacts> =>
  entity[ClassId].relations()

/** Is this a value, a draft or a reference of an entity? */
export const isOfEntity = (value: unknown): value is OneOf<string> =>
  typeof value === "object" && value !== null && EntityId in value

/** The entity all of some rows are values of; null where they are of several, or none. */
export const soleEntity = (rows: ReadonlyArray<unknown>): Mapped | null => {
  const [first] = rows
  if (!isOfEntity(first)) return null
  const prototype: unknown = Object.getPrototypeOf(first)
  for (const row of rows)
    if (row === null || row === undefined || Object.getPrototypeOf(row) !== prototype) return null
  return first[EntityId]
}
