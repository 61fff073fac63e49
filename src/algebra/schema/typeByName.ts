import type { Codec } from "../Codec.ts"
import type { DialectName } from "../Dialect.ts"
import { inQuotes } from "../inQuotes.ts"
import { type NamedType, naming } from "./namedOf.ts"
import type { Type } from "../Type.ts"
import { makeType } from "../types/make.ts"

/** A name as PostgreSQL, which alone has such types, reads it. */
const said = (name: string): string => inQuotes(name, '"')

const qualified = ({ name, schema }: NamedType): string =>
  schema === null ? said(name) : `${said(schema)}.${said(name)}`

const spelled = (text: string): Readonly<Record<DialectName, string>> => ({
  sqlite: text,
  postgres: text,
  mysql: text,
  mariadb: text
})

/** The type that the database keeps so. */
export const typeByName = <A>(named: NamedType, codec: Codec<A>): Type<A> => {
  const text = qualified(named)
  const values = named._tag === "EnumType" ? `enum${JSON.stringify(named.values)}` : named.base.key
  const type: Type<A> = makeType(
    `named ${text} ${values}`,
    named._tag === "EnumType" ? { _tag: "Custom", print: spelled(text) } : named.base.sql,
    codec
  )
  return naming(type, named)
}
