import * as Column from "./Column.ts"
import { expr, type Expr } from "../Expression.ts"
import { checkName } from "./naming.ts"
import { namedOf } from "./namedOf.ts"
import { typeByName } from "./typeByName.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import { tableSource } from "./tableSource.ts"
import type { Type } from "../Type.ts"
import * as T from "../types.ts"
import type { Value } from "../Value.ts"

/**
 * What every named type takes.
 *
 * @category models
 */
export interface NamedTypeOptions {
  /** The schema it lives in; the connection's default where left out. */
  readonly schema?: string
}

/**
 * A type of texts that the database keeps by name and tables share: CREATE TYPE … AS ENUM.
 *
 * **Shape** a catalog creates it before the tables with such a column, if it is missing, and drops
 * it after them, if nothing uses it any more. Its values sort in the order given. It is a text to
 * nothing: `cast` it to one for functions of texts. `Column.enum` is what every dialect has.
 * **Errors** `StatementError` for no values, an empty one or one given twice; `Unsupported`
 * (`namedTypes`) when created on other dialects than PostgreSQL.
 * **Source** PostgreSQL manual, CREATE TYPE; SQLAlchemy 2.0 `postgresql.ENUM`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, NamedType, Table } from "athanor"
 * import { createScript } from "athanor/compile"
 * const mood = NamedType.enumeration("mood", ["sad", "happy"])
 * const people = Table.make("people", { id: Column.id(), mood: Column.make(mood) })
 * const script = String(createScript(Catalog.make({ people }), "postgres"))
 * script.split("\n")[0] // => "CREATE TYPE mood AS ENUM ('sad', 'happy');"
 * ```
 * @category constructors
 */
export const enumeration = <const A extends string>(
  name: string,
  values: ReadonlyArray<A>,
  { schema }: NamedTypeOptions = {}
): Type<A> => {
  checkName(name, "enum type")
  const { codec } = T.enumeration(values)
  const list = Object.freeze([...values])
  return typeByName({ _tag: "EnumType", schema: schema ?? null, name, values: list }, codec)
}

/**
 * What a domain takes beside its base.
 *
 * @category models
 */
export interface DomainOptions<A> extends NamedTypeOptions {
  /** What every value of it must satisfy; NULL passes. */
  readonly check?: (value: Expr<A>) => Value<boolean | null, never>
  /** The name of that constraint; `<domain>_check` where left out. */
  readonly checkName?: string
  /** What a column of it holds where an insert leaves it out and the column says nothing else. */
  readonly default?: A
}

/**
 * A type cut to the values that pass a check, kept by name: CREATE DOMAIN.
 *
 * **Shape** its values are those of its base, in comparisons and functions too. Created and dropped
 * as `NamedType.enumeration`; one that is there already is taken as it is.
 * **Errors** `CheckViolation` with the name of its constraint for a value that does not pass;
 * `Unsupported` (`namedTypes`) when created on other dialects than PostgreSQL.
 * **Source** SQL:2016 part 2, 11.34 domain definition; SQLAlchemy 2.0 `postgresql.DOMAIN`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, NamedType, Table, Type } from "athanor"
 * import { createScript } from "athanor/compile"
 * const year = NamedType.domain("model_year", Type.integer, { check: (value) => value.gt(1900) })
 * const films = Table.make("films", { id: Column.id(), made: Column.make(year) })
 * const script = String(createScript(Catalog.make({ films }), "postgres"))
 * script.startsWith("CREATE DOMAIN model_year AS integer CONSTRAINT") // => true
 * ```
 * @category constructors
 */
export const domain = <A>(
  name: string,
  base: Type<A>,
  { check, checkName: given, default: value, schema }: DomainOptions<A> = {}
): Type<A> => {
  checkName(name, "domain")
  if (namedOf(base) !== null) refuse(`domain "${name}": its base is a named type`)
  const source = tableSource({
    name: "value",
    columns: { value: Column.make(base) },
    exact: true,
    options: {},
    prototype: null,
    items: () => []
  })
  const own: Expr<A> = expr(S.ref("value", source, ["value"], base))
  const predicate = check?.(own).node ?? null
  return typeByName(
    {
      _tag: "DomainType",
      schema: schema ?? null,
      name,
      base,
      source,
      check: predicate === null ? null : { name: given ?? `${name}_check`, predicate },
      default: value === undefined ? null : S.bound(value, base)
    },
    base.codec
  )
}
