/** Where a plan keeps that members' own columns are read apart. */
const ApartId: unique symbol = Symbol.for("athanor/Apart")

/** Does a plan read what members have of their own by statements of their own? */
export const readsApart = (plan: unknown): boolean =>
  typeof plan === "object" && plan !== null && ApartId in plan

interface Apart {
  (): {}
  <const P extends object>(plan: P): P
}

/**
 * A family whose members' own columns are read by a second statement, one for each member met.
 *
 * **Shape** the first statement selects what all members have, so that servers leave out the joins
 * of members' tables; the others read by key. It stands in a plan of a family, or of a relation to
 * one, around what is loaded below.
 * **Laws** the values of the plan without it.
 * **Errors** `StatementError` where the plan is used: for what is no family, and where the columns
 * are named besides.
 * **Source** SQLAlchemy 2.0 `selectin_polymorphic`.
 *
 * @example
 * ```ts
 * import { Column, Family, Load, Query } from "athanor"
 * const shapes = Family.joined("shapes", "kind", { id: Column.id(), kind: Column.varchar(20) },
 *   { circle: { radius: Column.integer() }, square: { side: Column.integer() } })
 * class Circle extends Family.member<Circle>()(shapes, "circle") {}
 * class Square extends Family.member<Square>()(shapes, "square") {}
 * const Shape = Family.of(shapes, { circle: Circle, square: Square })
 * const newest = Load.all(Query.from(Shape).orderBy(Shape.c.id.desc()).limit(10), Load.apart())
 * ```
 * @category constructors
 */
export const apart = ((plan: object = {}): object =>
  Object.freeze({ ...plan, [ApartId]: true })) as Apart
