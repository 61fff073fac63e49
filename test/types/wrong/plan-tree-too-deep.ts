// line: 13
// expect: Property 'parts' does not exist on type 'Part
import { Column, Entity, Load, Query } from "athanor"

class Part extends Entity<Part>()("parts", { id: Column.id(), upId: Column.integer().nullable() }) {
  static readonly parts = this.hasMany(() => Part, { key: "upId" })
  static readonly links = this.manyToMany(() => Part, { through: () => Link })
}
class Link extends Entity<Link>()("links", { fromId: Column.integer(), toId: Column.integer() }) {}

const plan = Load.plan(Part, { parts: Load.tree(Part, { depth: 2 }) })
declare const part: Load.Loaded<typeof Part, typeof plan extends Load.LoadPlan<typeof Part, infer P> ? P : never>
export const deep = part.parts[0]!.parts[0]!.parts
