import * as Schema from "effect/Schema"
import type { Breach, Rule } from "../RuleBroken.ts"

/** A schema whose values a rule takes. */
export type SchemaOf<A> = Schema.Schema<A>

type Issue = Schema.SchemaError["issue"]

/** Is it a schema? */
export const isSchema = (given: unknown): given is SchemaOf<unknown> => Schema.isSchema(given)

/** Of values that are decoded already: what a schema's checks say of them. */
export const schemaRule = (schema: SchemaOf<unknown>): Rule => {
  const parse = Schema.decodeUnknownResult(
    Schema.make<Schema.Codec<unknown>>(Schema.toType(schema).ast)
  )
  return (value) => {
    const result = parse(value)
    return result._tag === "Success" ? null : breachOf(result.failure.issue, [])
  }
}

/** What a schema's error is about; null for what is none. */
export const breachIn = (error: unknown): Breach | null =>
  Schema.isSchemaError(error) ? breachOf(error.issue, []) : null

const unsaid = "a value its schema takes"

/** The first thing an issue is about, in words that hold no value. */
const breachOf = (issue: Issue, path: ReadonlyArray<PropertyKey>): Breach => {
  switch (issue._tag) {
    case "Pointer":
      return breachOf(issue.issue, [...path, ...issue.path])
    case "Composite":
      return breachOf(issue.issues[0], path)
    case "Encoding":
      return breachOf(issue.issue, path)
    case "Filter": {
      const said = wordsOf(issue.filter.annotations)
      return said === null ? breachOf(issue.issue, path) : { path, expected: said }
    }
    case "MissingKey":
      return { path, expected: "a value" }
    case "UnexpectedKey":
      return { path, expected: "no such key" }
    case "InvalidType":
    case "AnyOf":
      return { path, expected: wordsOf(issue.ast.annotations) ?? typeWords(issue.ast._tag) }
    default:
      return { path, expected: unsaid }
  }
}

const wordsOf = (annotations: object | undefined): string | null => {
  const { description, expected, title } = (annotations ?? {}) as Readonly<Record<string, unknown>>
  const said = [description, expected, title].find((one) => typeof one === "string" && one !== "")
  return (said as string | undefined) ?? null
}

const typeWords = (tag: string): string =>
  /^(?:String|Number|Boolean|BigInt)$/.test(tag) ? `a ${tag.toLowerCase()}` : unsaid
