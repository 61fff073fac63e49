import type { Scalar } from "../algebra/Scalar.ts"
import { isSame } from "../algebra/totalOrder.ts"
import { refuse } from "../algebra/StatementError.ts"
import {
  type AnyEntity,
  ClassId,
  type FamilyMembers,
  type Mapped,
  type MemberRows,
  type RelationFacts,
  type Sorted
} from "./EntityClass.ts"
import { type AnyRelation, isRelation, leadsToMany } from "./Relation.ts"
import { place } from "./relationKeys.ts"

/**
 * The relations of a family. What every member says alike is a relation of all its rows; what they
 * say each in its own way is of each member's rows, and loaded for those.
 */

type Keys = ReadonlyArray<string>

const same = (one: Keys, other: Keys): boolean => one.join() === other.join()

const sameCondition = (one: Scalar | null, other: Scalar | null): boolean =>
  one === null || other === null ? one === other : isSame(one, other)

const sameOrder = (one: ReadonlyArray<Sorted>, other: ReadonlyArray<Sorted>): boolean =>
  one.length === other.length &&
  one.every((key, at) => {
    const also = other[at]!
    const ways = [key, also].map((sorted) =>
      "direction" in sorted ? `${sorted.direction} ${sorted.nulls}` : ""
    )
    return ways[0] === ways[1] && isSame(key.node, also.node)
  })

/** Do two members say the same of a relation? */
const isAlike = (one: RelationFacts, other: RelationFacts | undefined): boolean =>
  other !== undefined &&
  one.kind === other.kind &&
  one.related === other.related &&
  same(one.columns, other.columns) &&
  same(one.targetColumns, other.targetColumns) &&
  one.through?.table === other.through?.table &&
  same(one.through?.near ?? [], other.through?.near ?? []) &&
  same(one.through?.far ?? [], other.through?.far ?? []) &&
  sameCondition(one.on, other.on) &&
  sameOrder(one.order, other.order) &&
  one.isLarge === other.isLarge

/** What all members say alike of a relation, as the first has it; null where they do not. */
export const alike = (classes: Iterable<Mapped>, name: string): RelationFacts | null => {
  const [first, ...others] = [...classes].map((one) => one.relations().get(name))
  return first !== undefined && others.every((other) => isAlike(first, other)) ? first : null
}

type Members = Pick<FamilyMembers, "by" | "classes" | "keyIn">

/** What each member that has a relation of this name says of it, for the rows of its own. */
const eachIn =
  (label: string, { by, classes, keyIn }: Members): FamilyMembers["each"] =>
  (name) =>
    [...classes].flatMap(([tag, { relations, source }]) => {
      const relation = relations().get(name)
      if (relation === undefined) return []
      const rows = { by, is: tag, keyIn: (key: string) => keyIn(String(tag), key) }
      const strange = relation.columns.find((key) => rows.keyIn(key) !== key)
      if (strange !== undefined)
        refuse(
          `${place(relation.owner, name)} is found by "${strange}", of which ${label} has ` +
            `several: load it with ${relation.owner.label}`
        )
      return [{ relation, member: source, rows }]
    })

/** A relation of all rows, or of those of one member. */
export interface Linking {
  readonly relation: RelationFacts
  readonly member: MemberRows | null
}

/** What a name leads to: the relation of all rows, or for the rows of each member its own. */
export const waysOf = (entity: Mapped, name: string): ReadonlyArray<Linking> => {
  const whole = entity.relations().get(name)
  if (whole !== undefined) return [{ relation: whole, member: null }]
  const each = entity.members?.each(name) ?? []
  return each.map(({ relation, rows }) => ({ relation, member: rows }))
}

/** The members of a family, by their tags. */
export const membersFor = (
  label: string,
  by: string,
  classes: Readonly<Record<string, AnyEntity>>,
  shared: ReadonlyArray<string>,
  keyIn: FamilyMembers["keyIn"]
): FamilyMembers => {
  const members: Members = {
    by,
    classes: new Map(Object.entries(classes).map(([tag, one]) => [tag, one[ClassId]] as const)),
    keyIn
  }
  return Object.freeze({ ...members, shared: new Set(shared), each: eachIn(label, members) })
}

/** By which name members have a relation that stands for all of theirs. */
const shared = new WeakMap<AnyRelation, Map<Mapped, string>>()

/** The statics of a family: relations of one name in every class, as the first of them has them. */
export const sharedStatics = (classes: ReadonlyArray<AnyEntity>): object => {
  const [first, ...others] = classes as unknown as ReadonlyArray<Readonly<Record<string, unknown>>>
  const found: Record<string, AnyRelation> = {}
  for (const [name, one] of Object.entries(first ?? {})) {
    const isOther = (other: unknown): boolean =>
      !isRelation(other) || leadsToMany(other) !== leadsToMany(one as AnyRelation)
    if (!isRelation(one) || others.some((other) => isOther(other[name]))) continue
    const names = shared.get(one) ?? new Map<Mapped, string>()
    for (const { [ClassId]: member } of classes) names.set(member, name)
    shared.set(one, names)
    found[name] = one
  }
  return found
}

/** The relation of a row's class that a static stands for: its own, or one of its family. */
export const relationOf = (entity: Mapped, relation: AnyRelation): RelationFacts | undefined => {
  const statics = entity.class as unknown as Readonly<Record<string, unknown>>
  const relations = entity.relations()
  for (const one of relations.values()) if (statics[one.name] === relation) return one
  const name = shared.get(relation)?.get(entity)
  return name === undefined ? undefined : relations.get(name)
}
