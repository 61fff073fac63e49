import { dialectNames } from "../../src/algebra/Dialect.ts"
import {
  type Facet,
  featureIdOf,
  featuresOf,
  type ListedRefusal,
  type Proofs,
  type Proven,
  type Scorebook,
  targets
} from "./scorebook.ts"

/** The one form of facets.json: a facet a line, so that a change reads as one line. */
export const printFacets = (book: Scorebook): string => {
  const sections = book.sections.map((section) => {
    const features = section.features.map(
      (feature) =>
        `${opening(8, { id: feature.id, name: feature.name })},\n          "facets": [\n` +
        `${feature.facets.map((facet) => `            ${printFacet(facet)}`).join(",\n")}\n` +
        `          ]\n        }`
    )
    return (
      `${opening(4, { id: section.id, title: section.title })},\n      "features": [\n` +
      `${features.join(",\n")}\n      ]\n    }`
    )
  })
  const printedOnly = `  "printedOnly": ${inline(book.printedOnly)},\n`
  return `{\n${printedOnly}  "sections": [\n${sections.join(",\n")}\n  ]\n}\n`
}

const printFacet = (facet: Facet): string =>
  inline({
    id: facet.id,
    on: facet.on.length === dialectNames.length ? "all" : facet.on,
    ...(facet.pure ? { pure: true } : {}),
    says: facet.says
  })

/** The one form of refusals.json: a refusal a line, in the order of the features. */
export const printRefusals = (book: Scorebook): string => {
  const lines = sortedRefusals(book).map((refusal) => `    ${inline(refusal)}`)
  return `{\n  "refusals": [\n${lines.join(",\n")}\n  ]\n}\n`
}

export const sortedRefusals = (book: Scorebook): ReadonlyArray<ListedRefusal> => {
  const order = new Map(
    featuresOf(book)
      .flatMap((feature) => [feature.id, ...feature.facets.map((facet) => facet.id)])
      .map((id, at) => [id, at])
  )
  const rank = (refusal: ListedRefusal): number =>
    (order.get(refusal.of) ?? order.size) * dialectNames.length + dialectNames.indexOf(refusal.on)
  return book.refusals.toSorted((left, right) => rank(left) - rank(right))
}

/** Sorted and without time or place, so that equal runs give equal bytes. */
export const printProven = (proven: Proven): string => {
  const lines = Object.keys(proven)
    .toSorted(byFacet)
    .flatMap((id) => {
      const proofs = printProofs(proven[id] ?? {})
      return proofs === "" ? [] : [`  ${inline(id)}: {\n${proofs}\n  }`]
    })
  return lines.length === 0 ? "{}\n" : `{\n${lines.join(",\n")}\n}\n`
}

const printProofs = (proofs: Proofs): string =>
  targets
    .flatMap((target) => {
      const tests = [...new Set(proofs[target] ?? [])].toSorted()
      if (tests.length === 0) return []
      const names = tests.map((test) => `      ${inline(test)}`)
      return [`    ${inline(target)}: [\n${names.join(",\n")}\n    ]`]
    })
    .join(",\n")

const byFacet = (left: string, right: string): number => {
  const sign = left.charCodeAt(0) - right.charCodeAt(0)
  if (sign !== 0) return -sign
  const feature = Number(featureIdOf(left).slice(1)) - Number(featureIdOf(right).slice(1))
  return feature !== 0 ? feature : Number(left.split(".")[1]) - Number(right.split(".")[1])
}

const opening = (indent: number, fields: Readonly<Record<string, string>>): string => {
  const space = " ".repeat(indent)
  const lines = Object.entries(fields).map(([key, value]) => `${space}  "${key}": ${inline(value)}`)
  return `${space}{\n${lines.join(",\n")}`
}

/** JSON on one line, with the spaces a reader expects. */
const inline = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([key, item]) => `"${key}": ${inline(item)}`)
    return `{ ${fields.join(", ")} }`
  }
  return JSON.stringify(value)
}
