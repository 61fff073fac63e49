import { type DialectName, dialectNames } from "../../src/algebra/Dialect.ts"
import {
  type Facet,
  type Feature,
  type ListedRefusal,
  type Proofs,
  type Proven,
  type Section,
  targets
} from "./scorebook.ts"

/** Says what is wrong and where; reading goes on with what is left. */
export type Say = (where: string, message: string) => void

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const readFacets = (
  text: string,
  say: Say
): {
  readonly printedOnly: ReadonlyArray<DialectName>
  readonly sections: ReadonlyArray<Section>
} => {
  const root = parse(text, "facets.json", say)
  only(root, ["printedOnly", "sections"], "facets.json", say)
  const sections = list(root["sections"], "sections", say).map((section, at) => {
    const where = `section ${at + 1}`
    only(section, ["id", "title", "features"], where, say)
    return {
      id: words(section["id"], `${where}, id`, say),
      title: words(section["title"], `${where}, title`, say),
      features: list(section["features"], where, say).map((feature) => readFeature(feature, say))
    }
  })
  return { printedOnly: readDatabases(root["printedOnly"], "printedOnly", say), sections }
}

const readFeature = (fields: Fields, say: Say): Feature => {
  const id = words(fields["id"], "a feature's id", say)
  only(fields, ["id", "name", "facets"], id, say)
  return {
    id,
    name: words(fields["name"], `${id}, name`, say),
    facets: list(fields["facets"], id, say).map((facet) => readFacet(facet, id, say))
  }
}

const readFacet = (fields: Fields, feature: string, say: Say): Facet => {
  const id = words(fields["id"], `a facet of ${feature}, id`, say)
  only(fields, ["id", "on", "pure", "says"], id, say)
  const pure = fields["pure"] ?? false
  if (typeof pure !== "boolean") say(id, "pure is true or left out")
  const on = fields["on"] === "all" ? dialectNames : readDatabases(fields["on"], `${id}, on`, say)
  return { id, on, pure: pure === true, says: words(fields["says"], `${id}, says`, say) }
}

export const readRefusals = (text: string, say: Say): ReadonlyArray<ListedRefusal> => {
  const root = parse(text, "refusals.json", say)
  only(root, ["refusals"], "refusals.json", say)
  return list(root["refusals"], "refusals", say).flatMap((fields, at) => {
    const of = words(fields["of"], `refusal ${at + 1}, of`, say)
    only(fields, ["of", "on", "capability", "reason", "manual", "before"], of, say)
    const on = dialectNames.find((name) => name === fields["on"])
    if (on === undefined) {
      say(of, `a refusal is on one of ${dialectNames.join(", ")}`)
      return []
    }
    const refusal = {
      of,
      on,
      capability: words(fields["capability"], `${of}, capability`, say),
      reason: words(fields["reason"], `${of}, reason`, say),
      manual: words(fields["manual"], `${of}, manual`, say)
    }
    const before = fields["before"]
    return before === undefined
      ? [refusal]
      : [{ ...refusal, before: words(before, `${of}, before`, say) }]
  })
}

export const readProven = (text: string, say: Say): Proven => {
  const proven: Record<string, Proofs> = {}
  for (const [id, proofs] of Object.entries(parse(text, "proven.json", say))) {
    if (!isFields(proofs)) {
      say(id, "the proofs of a facet are an object of databases")
      continue
    }
    only(proofs, targets, id, say)
    const read: { [T in (typeof targets)[number]]?: ReadonlyArray<string> } = {}
    for (const target of targets) {
      const tests = proofs[target]
      if (tests === undefined) continue
      if (isTexts(tests) && tests.length > 0) read[target] = tests
      else say(id, `the proofs on ${target} are names of tests, at least one`)
    }
    proven[id] = read
  }
  return proven
}

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((item) => typeof item === "string")

const parse = (text: string, where: string, say: Say): Fields => {
  try {
    const value: unknown = JSON.parse(text)
    if (isFields(value)) return value
    say(where, "not an object")
  } catch (error) {
    say(where, `not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  return {}
}

const only = (fields: Fields, keys: ReadonlyArray<string>, where: string, say: Say): void => {
  for (const key of Object.keys(fields)) {
    if (!keys.includes(key)) say(where, `unknown key ${key}`)
  }
}

const list = (value: unknown, where: string, say: Say): ReadonlyArray<Fields> => {
  if (Array.isArray(value) && value.every(isFields)) return value
  say(where, "not a list of objects")
  return []
}

const words = (value: unknown, where: string, say: Say): string => {
  if (typeof value === "string" && value.trim() === value && value !== "") return value
  say(where, "not a text, or empty, or with space at its ends")
  return ""
}

const readDatabases = (value: unknown, where: string, say: Say): ReadonlyArray<DialectName> => {
  const names: ReadonlyArray<unknown> = Array.isArray(value) ? value : []
  const known = dialectNames.filter((name) => names.includes(name))
  if (!Array.isArray(value) || known.length !== names.length) {
    say(where, `a list of ${dialectNames.join(", ")}, each at most once`)
  }
  return known
}
