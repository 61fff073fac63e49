import { type DomainType, namedOf } from "../../algebra/schema/namedOf.ts"
import type { Writer } from "../Dialect.ts"
import type { Operator } from "../Placed.ts"

type Cast = Operator<"Cast">

/** The domain a value is cast to, whose check it must pass; null where it is none. */
export const domainOf = ({ node }: Cast): DomainType | null => {
  const named = namedOf(node.type)
  return named?._tag === "DomainType" ? named : null
}

/** Where there are no domains, nothing would check the value. */
export const refuseDomain = (term: Cast, writer: Writer): void => {
  const domain = domainOf(term)
  if (domain !== null) writer.refuse("namedTypes", `a cast to the domain ${domain.name}`)
}
