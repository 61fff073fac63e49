import * as Expr from "../../../src/algebra/Expr.ts"
import * as Fn from "../../../src/algebra/Fn.ts"
import * as T from "../../../src/algebra/types.ts"
import type { CustomRelation } from "../../../src/algebra/Relation.ts"
import type { CustomScalar } from "../../../src/algebra/Scalar.ts"
import type { UserMeanings } from "../../oracle/Meaning.ts"
import { outside, type Value } from "../../oracle/Value.ts"
import type { Sort } from "./sorts.ts"

/** SQL a user might write, of the kind every dialect reads alike, and what it means. */
interface UserScalar {
  readonly sort: Sort
  readonly args: ReadonlyArray<Sort>
  readonly parts: ReadonlyArray<string>
  readonly meaning: (args: ReadonlyArray<Value>) => Value
}

const sum = (args: ReadonlyArray<Value>): Value => {
  const [a, b] = args as readonly [bigint | null, bigint | null]
  if (a === null || b === null) return null
  return a + b > 2n ** 31n - 1n || a + b < -(2n ** 31n) ? outside("overflow") : a + b
}
const first = (args: ReadonlyArray<Value>): Value => args.find((arg) => arg !== null) ?? null

export const raws: ReadonlyArray<UserScalar> = [
  { sort: "integer", args: ["integer", "integer"], parts: ["(", " + ", ")"], meaning: sum },
  { sort: "text", args: ["text", "text"], parts: ["coalesce(", ", ", ")"], meaning: first },
  { sort: "boolean", args: ["integer"], parts: ["(", " is null)"], meaning: ([a]) => a === null }
]

const pattern = ["^a", "[a-c]+", "b|x", "^.$", "é", "A", "^(ab)?[^a]", "a{2,}"]

/** Regular expressions of the subset all servers read alike, on text without line breaks. */
export const regexes = [{}, { ignoreCase: true }].flatMap((options) =>
  pattern.map((source) => {
    const node = Fn.matches(Expr.value("", T.text), source, options).node as CustomScalar
    return { ...node, source, options }
  })
)

const everywhere = (parts: ReadonlyArray<string>): CustomScalar["print"] => ({
  sqlite: parts,
  postgres: parts,
  mysql: parts,
  mariadb: parts
})

export const customs: ReadonlyArray<
  UserScalar & { readonly name: string; readonly print: CustomScalar["print"] }
> = raws.map((one, i) => ({ ...one, name: `custom${i}`, print: everywhere(one.parts) }))

/** A user's relation that changes nothing. */
export const sameRelation: { readonly name: string; readonly print: CustomRelation["print"] } = {
  name: "same",
  print: everywhere(["", ""])
}

export const userMeanings: UserMeanings = {
  scalar: Object.fromEntries([
    ...raws.map((one) => [one.parts.join("?"), one.meaning] as const),
    ...customs.map((one) => [one.name, one.meaning] as const),
    ...["", "i"].map((flags) => [
      flags === "" ? "matches" : `matches ${flags}`,
      ([text, source]: ReadonlyArray<Value>): Value =>
        text === null || source === null
          ? null
          : new RegExp(String(source), `u${flags}`).test(String(text))
    ])
  ]),
  relation: { [sameRelation.name]: (scopes) => scopes }
}
