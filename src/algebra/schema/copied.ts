import { columnsOf } from "../derived.ts"
import { rewrite } from "../rewrite.ts"
import { type From, FromId } from "../From.ts"
import { type NamedType, namedOf } from "./namedOf.ts"
import { typeByName } from "./typeByName.ts"
import type { NamedSchema } from "./namedSchemaOf.ts"
import type { Definition, DerivedSource, JoinSource, Relation } from "../nodes.ts"
import * as R from "../Relation.ts"
import * as S from "../Scalar.ts"
import type { Scalar } from "../Scalar.ts"
import { next } from "./Sequence.ts"
import { sequenceAsked, type Sequence } from "./sequenceOf.ts"
import type { Source, TableSource } from "../Source.ts"
import { refuse } from "../StatementError.ts"
import { specOf, tableFrom, tableRefs, tableSource } from "./tableSource.ts"
import { tablesRead } from "../tablesRead.ts"
import type { AnyType } from "../Type.ts"

/** Which schema stands for which; null is the connection's own. */
export type SchemaFor = (schema: string | null) => string | null

/** What a catalog's members become in other schemas. */
export interface Copying {
  readonly from: (member: From<string, unknown>) => From<string, unknown>
  readonly type: (type: AnyType) => AnyType
  readonly sequence: (sequence: Sequence) => Sequence
  readonly schema: (schema: NamedSchema) => NamedSchema
}

const renamed = <A extends { readonly schema: string | null }>(one: A, to: SchemaFor): A =>
  Object.freeze({ ...one, schema: to(one.schema) })

const cached = <K extends object, A>(make: (key: K) => A): ((key: K) => A) => {
  const known = new WeakMap<K, A>()
  return (key) => {
    let made = known.get(key)
    if (made === undefined) known.set(key, (made = make(key)))
    return made
  }
}

/**
 * Copies of tables and views that speak of each other where those they are made from do.
 *
 * **Shape** a foreign key to a table that is not copied leads where it led.
 */
export const copying = (members: ReadonlySet<Source>, schemaFor: SchemaFor): Copying => {
  const named = cached((one: NamedType): NamedType => renamed(one, schemaFor))
  const type = cached((one: AnyType): AnyType => {
    const own = namedOf(one)
    return own === null ? one : typeByName(named(own), one.codec)
  })
  const sequence = cached((one: Sequence) => renamed(one, schemaFor))
  const source = cached((old: TableSource): TableSource => {
    const { definition = null, extraReferences, options, relations, ...rest } = specOf(old)
    return tableSource({
      ...rest,
      get prototype() {
        return old.prototype
      },
      options: withSchema(options, schemaFor(old.schema)),
      moving: { table, type, scalar },
      ...(extraReferences === undefined ? {} : { extraReferences: () => extraReferences(old) }),
      ...(relations === undefined ? {} : { relations: () => linksOf(old) }),
      ...(definition === null ? {} : { definition: defined(definition, old.name) })
    })
  })
  const table = (old: TableSource): TableSource => (members.has(old) ? source(old) : old)
  // Derived tables are known by identity: what refers to one refers to its copy, by what it is.
  const derived = new Map<string, DerivedSource>()
  const inner = cached((one: DerivedSource): DerivedSource => {
    const query = moved(one.query)
    const same = derived.get(query.key)
    if (same === undefined) derived.set(query.key, { _tag: "DerivedSource", query })
    return derived.get(query.key)!
  })
  const known = (one: Source): Source => {
    if (one._tag === "TableSource") return table(one)
    return one._tag === "DerivedSource" ? inner(one) : one
  }
  const node = (part: Relation | Scalar): Relation | Scalar => {
    switch (part._tag) {
      case "Ref":
        return S.ref(part.alias, known(part.source), part.path, type(part.type))
      case "Table":
        return R.table(table(part.source), part.alias)
      case "Derived":
        return R.derived(inner(part.source), part.alias)
      case "Presence":
        return S.presence(part.alias, known(part.source), part.path, part.type)
      case "Bound":
        return type(part.type) === part.type ? part : S.bound(part.value, type(part.type))
      case "Cast":
        return type(part.type) === part.type
          ? part
          : S.cast(part.self, type(part.type), part.orNull)
      case "CustomScalar": {
        const asked = sequenceAsked(part.print)
        return asked === null ? part : next(sequence(asked)).node
      }
      default:
        return part
    }
  }
  const moved = <N extends Relation | Scalar>(root: N): N =>
    rewrite(root, (part) => ("returned" in part ? part : node(part)))
  const scalar = (one: Scalar): Scalar => moved(one)
  const defined = (definition: Definition, name: string): Definition => {
    const query = moved(definition.query)
    for (const read of tablesRead(query))
      if (members.has(read))
        refuse(`inSchema: "${name}" reads "${read.name}" where its copy cannot be put`)
    return Object.freeze({ ...definition, query })
  }
  const linksOf = (old: TableSource): ReadonlyMap<string, JoinSource> =>
    new Map(
      [...old.relations()].map(([key, link]) => [
        key,
        Object.freeze({
          ...link,
          target: table(link.target),
          through: link.through && { ...link.through, table: table(link.through.table) },
          on: link.on && scalar(link.on)
        })
      ])
    )
  return {
    type,
    sequence,
    schema: (one) =>
      Object.freeze({
        ...one,
        name: schemaFor(one.name) ?? refuse("inSchema: a schema without a name")
      }),
    from: (member) => {
      const { alias, source: old } = member[FromId]
      const made = old._tag === "TableSource" ? table(old) : refuse("inSchema: no table, no view")
      const from = tableFrom(made, alias)
      const c = made.definition === null ? tableRefs(made, alias) : columnsOf(from)
      return Object.freeze({ [FromId]: from, c })
    }
  }
}

const withSchema = <O extends { readonly schema?: string }>(
  { schema: _, ...options }: O,
  schema: string | null
) => (schema === null ? options : { ...options, schema })
