import { Catalog, Column, Database, Entity, Load, Query, Session, Table } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
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
 * L35 of graphs: whatever trees were added, parents deleted, members moved, linked, flushed and
 * taken back, what relations lead to is what plain maps of rows say; the database ends as those.
 */

class Tree extends Entity<Tree>()("graph_trees", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(10),
  code: Column.integer().nullable().unique()
}) {
  static readonly leaves = this.hasMany(() => Leaf, { children: "delete" })
  static readonly notes = this.hasMany(() => Note, { children: "detach" })
  static readonly tags = this.manyToMany(() => Tag, { through: () => treeTags })
}
class Leaf extends Entity<Leaf>()("graph_leaves", {
  id: Column.integer().primaryKey(),
  treeId: Column.integer(),
  spot: Column.integer().unique()
}) {
  static readonly tree = this.belongsTo(() => Tree)
}
class Note extends Entity<Note>()("graph_notes", {
  id: Column.integer().primaryKey(),
  treeId: Column.integer().nullable(),
  code: Column.integer()
    .nullable()
    .references(() => Tree.c.code, { onUpdate: "cascade", onDelete: "set null" })
}) {
  static readonly tree = this.belongsTo(() => Tree)
}
class Tag extends Entity<Tag>()("graph_tags", { id: Column.integer().primaryKey() }) {}
const treeTags = Table.make("graph_tree_tags", {
  treeId: Column.integer()
    .primaryKey()
    .references(() => Tree.c.id),
  tagId: Column.integer()
    .primaryKey()
    .references(() => Tag.c.id)
})
const catalog = Catalog.make({ Tree, Leaf, Note, Tag, treeTags })

/**
 * The rows, by key: a leaf is of a tree and at a spot of its own, a note of a tree or of none; and
 * it has the code of a tree, which the database carries on.
 */
interface Model {
  readonly trees: ReadonlyMap<number, { readonly name: string; readonly code: number | null }>
  readonly leaves: ReadonlyMap<number, { readonly tree: number; readonly spot: number }>
  readonly notes: ReadonlyMap<
    number,
    { readonly tree: number | null; readonly code: number | null }
  >
  readonly links: ReadonlySet<string>
}

type Step =
  | { readonly _tag: "Plant"; readonly tree: number; readonly leaf: number; readonly name: string }
  | { readonly _tag: "Rename"; readonly tree: number; readonly name: string }
  | { readonly _tag: "Code"; readonly tree: number; readonly code: number | null }
  | { readonly _tag: "Mark"; readonly note: number; readonly code: number | null }
  | { readonly _tag: "Fell"; readonly tree: number; readonly isRead: boolean }
  | { readonly _tag: "Grow" | "Sprout" | "Move"; readonly tree: number; readonly leaf: number }
  | { readonly _tag: "Drop"; readonly leaf: number }
  | { readonly _tag: "Swap"; readonly leaf: number; readonly other: number }
  | { readonly _tag: "Write"; readonly tree: number; readonly note: number }
  | { readonly _tag: "Pin" | "Unpin"; readonly tree: number; readonly note: number }
  | { readonly _tag: "Repin"; readonly tree: number; readonly notes: ReadonlyArray<number> }
  | { readonly _tag: "Link" | "Unlink"; readonly tree: number; readonly tag: number }
  | { readonly _tag: "Ask"; readonly tree: number; readonly way: "load" | "plan" | "json" }
  | { readonly _tag: "Flush" }
  | { readonly _tag: "Nested"; readonly fails: boolean; readonly steps: ReadonlyArray<Step> }

const key = fc.integer({ min: 1, max: 3 })
const name = fc.constantFrom("oak", "fir")
const some = <K extends string, R extends object>(
  tag: K,
  rest: { [P in keyof R]: fc.Arbitrary<R[P]> }
) => fc.record({ _tag: fc.constant(tag), ...rest }) as fc.Arbitrary<{ readonly _tag: K } & R>
const { steps } = fc.letrec<{ step: Step; steps: ReadonlyArray<Step> }>((tie) => ({
  step: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    some("Ask", { tree: key, way: fc.constantFrom("load", "plan", "json") }),
    some("Plant", { tree: key, leaf: key, name }),
    some("Rename", { tree: key, name }),
    some("Code", { tree: key, code: fc.option(key) }),
    some("Mark", { note: key, code: fc.option(key) }),
    some("Fell", { tree: key, isRead: fc.boolean() }),
    some("Grow", { tree: key, leaf: key }),
    some("Sprout", { tree: key, leaf: key }),
    some("Move", { tree: key, leaf: key }),
    some("Drop", { leaf: key }),
    some("Swap", { leaf: key, other: key }),
    some("Write", { tree: key, note: key }),
    some("Pin", { tree: key, note: key }),
    some("Unpin", { tree: key, note: key }),
    some("Repin", { tree: key, notes: fc.uniqueArray(key) }),
    some("Link", { tree: key, tag: key }),
    some("Unlink", { tree: key, tag: key }),
    fc.constant<Step>({ _tag: "Flush" }),
    some("Nested", { fails: fc.boolean(), steps: tie("steps") })
  ) as fc.Arbitrary<Step>,
  steps: fc.array(tie("step"), { maxLength: 10 })
}))

const numbers = (keys: Iterable<number>): ReadonlyArray<number> =>
  [...keys].toSorted((a, b) => a - b)
const ids = (rows: ReadonlyArray<{ readonly id: number }>) => numbers(rows.map(({ id }) => id))

/** What a tree leads to, as the maps have it. */
const below = ({ leaves, links, notes }: Model, tree: number) => ({
  leaves: numbers([...leaves].filter(([, one]) => one.tree === tree).map(([id]) => id)),
  notes: [...notes]
    .filter(([, one]) => one.tree === tree)
    .map(([id, { code }]) => [id, code] as const)
    .toSorted(([a], [b]) => a - b),
  tags: numbers([1, 2, 3].filter((tag) => links.has(`${tree} ${tag}`)))
})

/** The maps without a tree: its leaves go, its notes are of none, its links go. */
const felled = ({ leaves, links, notes, trees }: Model, tree: number): Model => ({
  trees: new Map([...trees].filter(([id]) => id !== tree)),
  leaves: new Map([...leaves].filter(([, one]) => one.tree !== tree)),
  notes: new Map(
    [...notes].map(([id, one]) => [
      id,
      {
        tree: one.tree === tree ? null : one.tree,
        code: one.code === trees.get(tree)?.code ? null : one.code
      }
    ])
  ),
  links: new Set([...links].filter((link) => !link.startsWith(`${tree} `)))
})

const changed = <K, V>(map: ReadonlyMap<K, V>, ...entries: ReadonlyArray<readonly [K, V]>) =>
  new Map([...map, ...entries])

/** The notes with one of them at this tree, or at none. */
const led = (notes: Model["notes"], note: number, tree: number | null): Model["notes"] =>
  changed(notes, [note, { ...notes.get(note)!, tree }])

const found = (tree: number, way: "load" | "plan" | "json") =>
  Effect.gen(function* () {
    if (way === "load") {
      const one = yield* Session.find(Tree, tree)
      if (Option.isNone(one)) return null
      const all = {
        leaves: Session.load(one.value, Tree.leaves),
        notes: Session.load(one.value, Tree.notes),
        tags: Session.load(one.value, Tree.tags)
      }
      return { ...(yield* Effect.all(all)), name: one.value.name, code: one.value.code }
    }
    const query = Query.from(Tree).match({ id: tree })
    const plan =
      way === "plan"
        ? { leaves: true, notes: true, tags: true }
        : ({ leaves: Load.json(), notes: Load.json(), tags: Load.json() } as never)
    return Option.getOrNull(
      yield* Session.oneOrNone(query, plan as { leaves: true; notes: true; tags: true })
    )
  })

interface Rules {
  /** What becomes of the notes of a tree that goes. */
  readonly felled: (model: Model, tree: number) => Model
}

const run: Programs<Step, Model, Rules>["run"] = (program, before, rules) =>
  inTurn(program, before, (one, model) => take(one, model, rules))

type Of<T extends Step["_tag"]> = Extract<Step, { readonly _tag: T }>

const asked = ({ tree, way }: Of<"Ask">, model: Model): Work<Model> =>
  Effect.gen(function* () {
    const seen = yield* found(tree, way)
    const wanted = model.trees.get(tree)
    if (seen === null || wanted === undefined)
      return yield* same(model, seen === null && wanted === undefined)
    const notes = seen.notes.map(({ code, id }) => [id, code] as const)
    const now = {
      leaves: ids(seen.leaves),
      notes: notes.toSorted(([a], [b]) => a - b),
      tags: ids(seen.tags)
    }
    const isSame = JSON.stringify(now) === JSON.stringify(below(model, tree))
    return yield* same(model, isSame && seen.name === wanted.name && seen.code === wanted.code)
  })

const coded = ({ code, tree }: Of<"Code">, model: Model): Work<Model> =>
  Effect.gen(function* () {
    const { notes, trees } = model
    const old = trees.get(tree)!
    if (code !== null && [...trees.values()].some((other) => other.code === code)) return model
    // What another gave up since the last flush has no order of writes.
    yield* Session.flush
    yield* Session.update(yield* Session.get(Tree, tree), { code })
    const follow = [...notes]
      .filter(([, note]) => old.code !== null && note.code === old.code)
      .map(([id, note]) => [id, { ...note, code }] as const)
    return {
      ...model,
      trees: changed(trees, [tree, { ...old, code }]),
      notes: changed(notes, ...follow)
    }
  })

const take = (one: Step, model: Model, rules: Rules): Work<Model> =>
  Effect.gen(function* () {
    const { leaves, trees } = model
    switch (one._tag) {
      case "Flush":
        yield* Session.flush
        return model
      case "Nested":
        return (yield* inSavepoint(run(one.steps, model, rules), one.fails)) ?? model
      case "Ask":
        return yield* asked(one, model)
      case "Plant": {
        if (trees.has(one.tree)) return model
        const isTaken = [...leaves].some(([id, { spot }]) => id === one.leaf || spot === one.leaf)
        const grown = isTaken ? [] : [{ id: one.leaf, spot: one.leaf }]
        const { name } = one
        yield* Session.add(Tree.make({ id: one.tree, name, code: null, leaves: grown }))
        return {
          ...model,
          trees: changed(trees, [one.tree, { name, code: null }]),
          leaves: changed(
            leaves,
            ...grown.map(({ id, spot }) => [id, { tree: one.tree, spot }] as const)
          )
        }
      }
      case "Drop": {
        if (!leaves.has(one.leaf)) return model
        yield* Session.delete(Leaf.ref(one.leaf))
        return { ...model, leaves: new Map([...leaves].filter(([id]) => id !== one.leaf)) }
      }
      case "Mark": {
        const note = model.notes.get(one.note)
        const isThere = [...trees.values()].some(({ code }) => code === one.code)
        if (note === undefined || (one.code !== null && !isThere)) return model
        yield* Session.update(yield* Session.get(Note, one.note), { code: one.code })
        return { ...model, notes: changed(model.notes, [one.note, { ...note, code: one.code }]) }
      }
      case "Swap": {
        const [a, b] = [leaves.get(one.leaf), leaves.get(one.other)]
        if (a === undefined || b === undefined || one.leaf === one.other) return model
        // Two unique values that are not NULL cannot be swapped: one makes room first, and another
        // swap of the same flush would take that room.
        yield* Session.flush
        yield* Session.update(yield* Session.get(Leaf, one.leaf), { spot: 9 })
        yield* Session.flush
        yield* Session.update(yield* Session.get(Leaf, one.other), { spot: a.spot })
        yield* Session.update(yield* Session.get(Leaf, one.leaf), { spot: b.spot })
        return {
          ...model,
          leaves: changed(
            leaves,
            [one.leaf, { ...a, spot: b.spot }],
            [one.other, { ...b, spot: a.spot }]
          )
        }
      }
      default:
        return trees.has(one.tree) ? yield* onTree(one, model, rules) : model
    }
  })

type OnTree = Exclude<
  Step,
  { readonly _tag: "Flush" | "Nested" | "Ask" | "Plant" | "Drop" | "Swap" | "Mark" }
>

const onTree = (one: OnTree, model: Model, rules: Rules): Work<Model> =>
  Effect.gen(function* () {
    const { leaves, links, notes, trees } = model
    const tree = Tree.ref(one.tree)
    switch (one._tag) {
      case "Rename":
        yield* Session.update(yield* Session.get(Tree, one.tree), { name: one.name })
        return {
          ...model,
          trees: changed(trees, [one.tree, { ...trees.get(one.tree)!, name: one.name }])
        }
      case "Code":
        return yield* coded(one, model)
      case "Fell":
        yield* Session.delete(one.isRead ? yield* Session.get(Tree, one.tree) : tree)
        return rules.felled(model, one.tree)
      case "Grow":
      case "Sprout": {
        const spots = [...leaves.values()].map(({ spot }) => spot)
        if (leaves.has(one.leaf) || spots.includes(one.leaf)) return model
        const leaf = { id: one.leaf, spot: one.leaf }
        // By its parent's members, which are read first, and by itself, which reads nothing.
        yield* one._tag === "Grow"
          ? Session.append(tree, Tree.leaves, leaf)
          : Session.add(Leaf.make({ ...leaf, tree }))
        return {
          ...model,
          leaves: changed(leaves, [one.leaf, { tree: one.tree, spot: one.leaf }])
        }
      }
      case "Move": {
        const leaf = leaves.get(one.leaf)
        if (leaf === undefined) return model
        yield* Session.append(tree, Tree.leaves, Leaf.ref(one.leaf))
        return { ...model, leaves: changed(leaves, [one.leaf, { ...leaf, tree: one.tree }]) }
      }
      case "Write":
        if (notes.has(one.note)) return model
        yield* Session.add(Note.make({ id: one.note, tree, code: null }))
        return { ...model, notes: changed(notes, [one.note, { tree: one.tree, code: null }]) }
      case "Pin":
        if (!notes.has(one.note)) return model
        yield* Session.append(tree, Tree.notes, Note.ref(one.note))
        return { ...model, notes: led(notes, one.note, one.tree) }
      case "Unpin":
        if (!notes.has(one.note)) return model
        yield* Session.remove(tree, Tree.notes, Note.ref(one.note))
        return notes.get(one.note)!.tree === one.tree
          ? { ...model, notes: led(notes, one.note, null) }
          : model
      case "Repin": {
        const kept = one.notes.filter((note) => notes.has(note))
        yield* Session.replace(
          tree,
          Tree.notes,
          kept.map((note) => Note.ref(note))
        )
        const left = [...notes.keys()].filter((id) => notes.get(id)!.tree === one.tree)
        const bare = left.reduce<Model["notes"]>((all, id) => led(all, id, null), notes)
        return { ...model, notes: kept.reduce((all, id) => led(all, id, one.tree), bare) }
      }
      case "Link":
        yield* Session.append(tree, Tree.tags, Tag.ref(one.tag))
        return { ...model, links: new Set([...links, `${one.tree} ${one.tag}`]) }
      case "Unlink":
        yield* Session.remove(tree, Tree.tags, Tag.ref(one.tag))
        return {
          ...model,
          links: new Set([...links].filter((link) => link !== `${one.tree} ${one.tag}`))
        }
    }
  })

const textOf = ({ leaves, links, notes, trees }: Model): string =>
  JSON.stringify(
    [
      [...trees].map(([id, one]) => [id, one.name, one.code]),
      [...leaves].map(([id, one]) => [id, one.tree, one.spot]),
      [...notes].map(([id, one]) => [id, one.tree, one.code]),
      [...links].map((link) => [link])
    ].map((rows) => rows.map((row) => JSON.stringify(row)).toSorted())
  )

const stored = Effect.gen(function* () {
  const links = yield* Database.all(Query.from(treeTags))
  const leaves = yield* Database.all(Query.from(Leaf))
  const trees = yield* Database.all(Query.from(Tree))
  const notes = yield* Database.all(Query.from(Note))
  return {
    trees: new Map(trees.map(({ code, id, name }) => [id, { name, code }])),
    leaves: new Map(leaves.map(({ id, spot, treeId }) => [id, { tree: treeId, spot }])),
    notes: new Map(notes.map(({ code, id, treeId }) => [id, { tree: treeId, code }])),
    links: new Set(links.map(({ tagId, treeId }) => `${treeId} ${tagId}`))
  }
})

const setUp = Effect.gen(function* () {
  for (const table of [treeTags, Leaf, Note, Tree, Tag] as ReadonlyArray<typeof Tree>)
    yield* Database.run(Query.deleteFrom(table).everyRow())
  yield* Database.run(Query.insert(Tree).values({ id: 1, name: "oak", code: 1 }))
  yield* Database.run(Query.insert(Tag).rows([{ id: 1 }, { id: 2 }, { id: 3 }]))
  yield* Database.run(Query.insert(Leaf).values({ id: 1, treeId: 1, spot: 1 }))
  yield* Database.run(Query.insert(Note).values({ id: 1, treeId: 1, code: null }))
  yield* Database.run(Query.insert(treeTags).values({ treeId: 1, tagId: 1 }))
  return yield* stored
})

const law: Programs<Step, Model, Rules> = {
  of: "L35 programs over graphs",
  catalog,
  programs: steps,
  runs: [400, 40],
  before: setUp,
  run,
  stored,
  textOf,
  upright: { felled }
}

upholdPrograms("every relation leads where the maps say, and so does the end", law)

catchTwin(
  "the notes of a tree go with it",
  law,
  {
    felled: (model, tree) => ({
      ...felled(model, tree),
      notes: new Map([...model.notes].filter(([, note]) => note.tree !== tree))
    })
  },
  [
    [
      { _tag: "Plant", tree: 2, leaf: 2, name: "fir" },
      { _tag: "Fell", tree: 2, isRead: true }
    ],
    [
      { _tag: "Unpin", tree: 1, note: 1 },
      { _tag: "Fell", tree: 1, isRead: false }
    ]
  ]
)
