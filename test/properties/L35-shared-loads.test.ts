import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import {
  catchTwin,
  inSavepoint,
  inTurn,
  type Programs,
  same,
  upholdPrograms,
  type Work
} from "./support/sessionPrograms.ts"

/**
 * L35 of loads that are shared: trees that came together are asked one by one what they lead to,
 * and leaves are changed, moved, added, dropped, flushed, forgotten and taken back in between. Each
 * answer is what a plain map of the leaves says then, whether a statement gave it or an older one.
 */

class Tree extends Entity<Tree>()("shared_trees", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(10)
}) {
  static readonly leaves = this.hasMany(() => Leaf, { children: "delete" })
}
class Leaf extends Entity<Leaf>()("shared_leaves", {
  id: Column.integer().primaryKey(),
  treeId: Column.integer(),
  size: Column.integer()
}) {
  static readonly tree = this.belongsTo(() => Tree)
}
const catalog = Catalog.make({ Tree, Leaf })

interface Model {
  readonly trees: ReadonlySet<number>
  /** Of each leaf: its tree and its size. */
  readonly leaves: ReadonlyMap<number, readonly [number, number]>
}

type Step =
  | { readonly _tag: "Ask" | "Rename" | "Fell" | "Plant"; readonly tree: number }
  | { readonly _tag: "AskUp" | "Drop"; readonly leaf: number }
  | {
      readonly _tag: "Size" | "SizeAll" | "Sprout" | "Move"
      readonly leaf: number
      readonly tree: number
    }
  | { readonly _tag: "Look" | "Flush" | "Forget" }
  | { readonly _tag: "Nested"; readonly fails: boolean; readonly steps: ReadonlyArray<Step> }

const count = 4
const tree = fc.integer({ min: 1, max: count })
const leaf = fc.integer({ min: 1, max: count + 2 })
const said = <T extends Step["_tag"]>(...tags: ReadonlyArray<T>) => fc.constantFrom(...tags)
const { steps } = fc.letrec<{ step: Step; steps: ReadonlyArray<Step> }>((tie) => ({
  step: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 6, arbitrary: fc.record({ _tag: said("Ask"), tree }) },
    { weight: 2, arbitrary: fc.record({ _tag: said("AskUp"), leaf }) },
    { weight: 1, arbitrary: fc.record({ _tag: said("Drop"), leaf }) },
    { weight: 2, arbitrary: fc.record({ _tag: said("Rename", "Fell", "Plant"), tree }) },
    {
      weight: 4,
      arbitrary: fc.record({ _tag: said("Size", "SizeAll", "Sprout", "Move"), leaf, tree })
    },
    { weight: 2, arbitrary: fc.record({ _tag: said("Look", "Flush", "Forget") }) },
    {
      weight: 1,
      arbitrary: fc.record({ _tag: said("Nested"), fails: fc.boolean(), steps: tie("steps") })
    }
  ) as fc.Arbitrary<Step>,
  steps: fc.array(tie("step"), { maxLength: 12 })
}))

const leavesOf = ({ leaves }: Model, of: number) =>
  [...leaves].filter(([, [at]]) => at === of).map(([id, [, size]]) => [id, size] as const)

const textOf = (pairs: ReadonlyArray<ReadonlyArray<unknown>>): string =>
  JSON.stringify(pairs.map((pair) => JSON.stringify(pair)).toSorted())

const withLeaf = ({ leaves, trees }: Model, id: number, now: readonly [number, number]): Model => ({
  trees,
  leaves: new Map([...leaves, [id, now]])
})

interface Rules {
  /** What a change of its size says of a leaf. */
  readonly sized: (size: number) => number
}

/** All of them come together. */
const run: Programs<Step, Model, Rules>["run"] = (program, before, rules) =>
  Effect.gen(function* () {
    yield* Session.all(Query.from(Tree))
    yield* Session.all(Query.from(Leaf))
    return yield* taken(program, before, rules)
  })

const taken: typeof run = (program, before, rules) =>
  inTurn(program, before, (one, model) => take(one, model, rules))

const take = (one: Step, model: Model, rules: Rules): Work<Model> =>
  Effect.gen(function* () {
    const { leaves, trees } = model
    switch (one._tag) {
      case "Look":
        yield* Session.all(Query.from(Tree))
        return model
      case "Flush":
        yield* Session.flush
        return model
      case "Forget":
        yield* Session.flush
        yield* Session.forget(...(yield* Session.all(Query.from(Leaf))))
        return model
      case "Ask": {
        if (!trees.has(one.tree)) return model
        const found = yield* Session.load(yield* Session.get(Tree, one.tree), Tree.leaves)
        const now = textOf(found.map(({ id, size }) => [id, size]))
        return yield* same(model, now === textOf(leavesOf(model, one.tree)))
      }
      case "AskUp": {
        const wanted = leaves.get(one.leaf)?.[0]
        if (wanted === undefined) return model
        const found = yield* Session.load(yield* Session.get(Leaf, one.leaf), Leaf.tree)
        return yield* same(model, found?.id === wanted)
      }
      case "Rename":
        if (trees.has(one.tree))
          yield* Session.update(yield* Session.get(Tree, one.tree), { name: "fir" })
        return model
      case "Plant":
        if (trees.has(one.tree)) return model
        yield* Session.add(Tree.make({ id: one.tree, name: "oak" }))
        return { leaves, trees: new Set([...trees, one.tree]) }
      case "Fell":
        if (!trees.has(one.tree)) return model
        yield* Session.delete(Tree.ref(one.tree))
        return {
          trees: new Set([...trees].filter((id) => id !== one.tree)),
          leaves: new Map([...leaves].filter(([, [at]]) => at !== one.tree))
        }
      case "Drop":
        if (!leaves.has(one.leaf)) return model
        yield* Session.delete(Leaf.ref(one.leaf))
        return { trees, leaves: new Map([...leaves].filter(([id]) => id !== one.leaf)) }
      case "Nested":
        return (yield* inSavepoint(taken(one.steps, model, rules), one.fails)) ?? model
      default:
        return yield* onLeaf(one, model, rules)
    }
  })

type OnLeaf = Extract<Step, { readonly leaf: number; readonly tree: number }>

const onLeaf = ({ _tag, leaf: id, tree: at }: OnLeaf, model: Model, rules: Rules): Work<Model> =>
  Effect.gen(function* () {
    const { leaves, trees } = model
    const now = leaves.get(id)
    switch (_tag) {
      case "SizeAll":
        // Past the session, which forgets what it knew of leaves.
        yield* Database.run(
          Query.update(Leaf)
            .set({ size: Leaf.c.size.add(1) })
            .everyRow()
        )
        return {
          trees,
          leaves: new Map([...leaves].map(([key, [of, size]]) => [key, [of, size + 1]]))
        }
      case "Sprout":
        if (now !== undefined || !trees.has(at)) return model
        yield* Session.add(Leaf.make({ id, size: 0, tree: Tree.ref(at) }))
        return withLeaf(model, id, [at, 0])
      case "Size":
        if (now === undefined) return model
        yield* Session.update(yield* Session.get(Leaf, id), { size: now[1] + 10 })
        return withLeaf(model, id, [now[0], rules.sized(now[1] + 10)])
      case "Move":
        if (now === undefined || !trees.has(at)) return model
        yield* Session.update(yield* Session.get(Leaf, id), { treeId: at })
        return withLeaf(model, id, [at, now[1]])
    }
  })

const setUp = Effect.gen(function* () {
  for (const table of [Leaf, Tree] as ReadonlyArray<typeof Tree>)
    yield* Database.run(Query.deleteFrom(table).everyRow())
  const ids = Array.from({ length: count }, (_, at) => at + 1)
  yield* Database.run(Query.insert(Tree).rows(ids.map((id) => ({ id, name: "oak" }))))
  yield* Database.run(Query.insert(Leaf).rows(ids.map((id) => ({ id, treeId: id, size: 0 }))))
  return { trees: new Set(ids), leaves: new Map(ids.map((id) => [id, [id, 0] as const])) }
})

const stored = Effect.map(
  Effect.all([Database.all(Query.from(Tree)), Database.all(Query.from(Leaf))]),
  ([trees, leaves]): Model => ({
    trees: new Set(trees.map(({ id }) => id)),
    leaves: new Map(leaves.map(({ id, size, treeId }) => [id, [treeId, size]]))
  })
)

const law: Programs<Step, Model, Rules> = {
  of: "L35 loads that are shared",
  catalog,
  programs: steps,
  runs: [600, 60],
  before: setUp,
  run,
  stored,
  textOf: ({ leaves, trees }) => textOf([...[...trees].map((id) => [id]), ...leaves]),
  upright: { sized: (size) => size }
}

upholdPrograms("every load gives what there is now", law)

catchTwin("a size that is pending is not seen", law, { sized: (size) => Math.max(0, size - 10) }, [
  [
    { _tag: "Ask", tree: 1 },
    { _tag: "Move", leaf: 1, tree: 2 },
    { _tag: "Ask", tree: 2 }
  ],
  [
    { _tag: "Fell", tree: 1 },
    { _tag: "Ask", tree: 2 }
  ]
])
