import type { DialectName } from "../../algebra/Dialect.ts"
import { heldSequence } from "../../algebra/schema/counter.ts"
import { snakeCase } from "../../algebra/schema/naming.ts"
import type {
  SnapshotDomain,
  SnapshotEnum,
  SnapshotSequence,
  SnapshotView
} from "../../algebra/schema/Snapshot.ts"
import { literalSource, rawSource } from "./defaultSource.ts"
import { countedBeside, type Say } from "./Printed.ts"
import { optionsSource, quoted, remark, templated } from "./texts.ts"
import { typeSource } from "./typeSource.ts"

const noNames: ReadonlyMap<string, string> = new Map()

/** A call that makes something of a schema, as a constant. */
const declared = (
  identifier: string,
  call: string,
  parts: ReadonlyArray<string>,
  options: Readonly<Record<string, string | null>>
): string => {
  const said = optionsSource(options)
  const all = said === "" ? parts : [...parts, said]
  return `export const ${identifier} = ${call}(\n  ${all.join(",\n  ")}\n)\n`
}

const schemaOf = ({ schema }: { readonly schema: string | null }) =>
  schema === null ? null : quoted(schema)

/** Why a type of labels is not declared; null where it is. */
export const enumFault = ({ values }: SnapshotEnum): string | null =>
  values.length === 0 ? "it has no values" : values.includes("") ? "a value is empty" : null

/** A type of labels. */
export const printEnum = (one: SnapshotEnum, identifier: string): string =>
  declared(
    identifier,
    "NamedType.enumeration",
    [quoted(one.name), `[${one.values.map(quoted).join(", ")}]`],
    { schema: schemaOf(one) }
  )

const defaultOf = (domain: SnapshotDomain): string | null =>
  domain.default === null ? null : literalSource("postgres", domain, domain.default)

/** Why a domain is not declared; null where it is. */
export const domainFault = (domain: SnapshotDomain): string | null => {
  const { checks, default: value, nullable, sql, type } = domain
  if (sql === null) return `its base ${quoted(type)} is not known`
  if (!nullable) return "it is NOT NULL"
  if (checks.length > 1) return "it has several checks"
  if (value !== null && defaultOf(domain) === null) return "its default is no plain value"
  return typeSource("postgres", { collation: null, sql, type }, noNames).unlike
}

/** A type cut to what passes a check. */
export const printDomain = (domain: SnapshotDomain, identifier: string): string => {
  const [check] = domain.checks
  const { text } = typeSource("postgres", { ...domain, collation: null }, noNames)
  return declared(identifier, "NamedType.domain", [quoted(domain.name), text], {
    schema: schemaOf(domain),
    check: check === undefined ? null : `() => ${rawSource("Type.boolean", check.predicate)}`,
    checkName: check?.name == null ? null : quoted(check.name),
    default: defaultOf(domain)
  })
}

/** A sequence, and what of it the source does not say. */
export const printSequence = (
  sequence: SnapshotSequence,
  identifier: string,
  dialect: DialectName,
  say: Say
): string => {
  const { cache, name } = sequence
  const isAlone = cache < 1n
  const message = `the sequence ${quoted(name)} takes no numbers in advance: declared with one`
  if (isAlone) say(null, message)
  const said = countedBeside({ ...sequence, cache: isAlone ? 1n : cache }, (counter) =>
    heldSequence(counter, dialect)
  )
  const text = declared(identifier, "Sequence.make", [quoted(name)], {
    schema: schemaOf(sequence),
    ...Object.fromEntries(said)
  })
  return isAlone ? remark(message, "") + text : text
}

/** Names that a query by hand can give its columns, and a view's keep as they are. */
const isOrdinary = (name: string): boolean =>
  /^[a-z_][a-z0-9_]{0,29}$/.test(name) && snakeCase(name) === name && name !== "__proto__"

/** Why a view is not declared; null where it is. */
export const viewFault = ({ columns, definition }: SnapshotView): string | null => {
  if (columns.length === 0 || definition === "") return "its query is not known"
  const odd = columns.find(({ name }) => !isOrdinary(name))
  return odd === undefined ? null : `its column ${quoted(odd.name)} would have another name`
}

/** A view: its query in the server's words. */
export const printView = (
  view: SnapshotView,
  identifier: string,
  dialect: DialectName,
  named: ReadonlyMap<string, string>,
  say: Say
): string => {
  const columns = view.columns.map((column) => {
    const { name, sql } = column
    const { text, unlike } = typeSource(dialect, { ...column, collation: null }, named)
    // A view declares no types: that one goes by another name there loses nothing.
    const note = sql === null ? unlike : null
    if (note !== null) say(name, note)
    return `${note === null ? "" : remark(note, "    ")}    ${name}: ${text}`
  })
  const query = `Query.raw({\n${columns.join(",\n")}\n  })${templated(view.definition)}`
  return declared(identifier, "View.make", [quoted(view.name), query], {
    schema: schemaOf(view),
    kind: view.materialized ? quoted("materialized") : null
  })
}
