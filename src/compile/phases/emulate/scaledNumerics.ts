import type { Command } from "../../../algebra/Command.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { Context } from "../../Program.ts"

type Node = Scalar | Relation | Command

export const scaledNumerics = (node: Node, _context: Context): Node => node
