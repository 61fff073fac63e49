import * as fc from "fast-check"
import { type KindName, kindNames } from "./townKinds.ts"

/** What may be done to a town, drawn. */

export type How = "ref" | "value" | "columns" | "old"
export type Step =
  | {
      readonly _tag: "Add"
      readonly kind: KindName
      readonly at: number
      readonly p: ReadonlyArray<number>
      readonly parents: ReadonlyArray<number>
      readonly how: How
    }
  | {
      readonly _tag: "Change"
      readonly kind: KindName
      readonly at: number
      readonly p: ReadonlyArray<number>
      readonly parents: ReadonlyArray<number>
      readonly how: How
      readonly mask: number
      readonly via: "update" | "ref" | "modify" | "old" | "merge"
    }
  | {
      readonly _tag: "Drop"
      readonly kind: KindName
      readonly at: number
      readonly via: "ref" | "value" | "old"
    }
  | {
      readonly _tag: "Send"
      readonly kind: KindName
      readonly at: number
      readonly p: ReadonlyArray<number>
      readonly via: "update" | "delete" | "upsert"
    }
  | {
      readonly _tag: "Find"
      readonly kind: KindName
      readonly at: number
      readonly how: "find" | "root" | "refresh" | "forget"
    }
  | {
      readonly _tag: "Ask"
      readonly kind: KindName
      readonly mask: number
      readonly way: "plan" | "json" | "joined" | "load" | "populate"
    }
  | {
      readonly _tag: "Member"
      readonly kind: KindName
      readonly at: number
      readonly relation: number
      readonly verb: "append" | "remove" | "replace" | "merge"
      readonly members: ReadonlyArray<number>
      readonly p: ReadonlyArray<number>
    }
  | { readonly _tag: "Flush" }
  | { readonly _tag: "Nested"; readonly fails: boolean; readonly steps: ReadonlyArray<Step> }

const few = fc.integer({ min: 0, max: 3 })
const p = fc.tuple(few, few)
const kind = fc.constantFrom(...kindNames)
const at = fc.integer({ min: 1, max: 3 })
const parents = fc.tuple(few, few)
const how = fc.constantFrom<How>("ref", "value", "columns", "old")
const mask = fc.nat(255)

const some = <K extends string, R extends object>(
  weight: number,
  tag: K,
  rest: { [P in keyof R]: fc.Arbitrary<R[P]> }
) => ({
  weight,
  arbitrary: fc.record({ _tag: fc.constant(tag), ...rest }) as fc.Arbitrary<unknown>
})

const drawn = (): fc.Arbitrary<ReadonlyArray<Step>> => {
  const { all } = fc.letrec<{ step: Step; all: ReadonlyArray<Step> }>((tie) => ({
    step: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      { weight: 1, arbitrary: fc.constant<Step>({ _tag: "Flush" }) },
      some(9, "Add", { kind, at, p, parents, how }),
      some(7, "Change", {
        kind,
        at,
        p,
        parents,
        how,
        mask,
        via: fc.constantFrom("update", "ref", "modify", "old", "merge")
      }),
      some(3, "Drop", { kind, at, via: fc.constantFrom("ref", "value", "old") }),
      some(2, "Find", { kind, at, how: fc.constantFrom("find", "root", "refresh", "forget") }),
      some(2, "Ask", {
        kind,
        mask,
        way: fc.constantFrom("plan", "load", "json", "joined", "populate")
      }),
      some(2, "Send", {
        // What nothing refers to, and no other key tells apart.
        kind: fc.constantFrom<KindName>("Bed", "Bill", "Guest", "Shift"),
        at,
        p,
        via: fc.constantFrom("update", "delete", "upsert")
      }),
      some(6, "Member", {
        kind: fc.constantFrom<KindName>(
          "House",
          "House",
          "Room",
          "Flat",
          "Manager",
          "Book",
          "Film",
          "Tag"
        ),
        at,
        relation: fc.nat(7),
        verb: fc.constantFrom("append", "remove", "replace", "merge"),
        members: fc.array(few, { maxLength: 3 }),
        p
      }),
      some(3, "Nested", { fails: fc.boolean(), steps: tie("all") })
    ) as fc.Arbitrary<Step>,
    all: fc.array(tie("step"), { maxLength: 14, size: "max" })
  }))
  return all
}

/** Programs over a town that is empty at first. */
export const steps = drawn()
