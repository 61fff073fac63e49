import type { Source, TableSource } from "./nodes.ts"
import { refuse } from "./StatementError.ts"

export type {
  CheckNode,
  ColumnNode,
  CteSource,
  Deferral,
  Definition,
  DerivedSource,
  ExclusionNode,
  ForeignKey,
  IndexNode,
  JoinSource,
  Match,
  MemberJoin,
  MemberRows,
  Over,
  QueriedColumn,
  ReferentialAction,
  SelfSource,
  Source,
  TableSource,
  UniqueNode
} from "./nodes.ts"

/** The source behind any FROM, where it is a base table. */
export const asTable = (source: Source, asked: string): TableSource => {
  const said = saidFor(source)
  return said._tag === "TableSource" && said.definition === null
    ? said
    : refuse(`${asked}: only a base table can be written`)
}

/** What statements say in the place of a source: itself, or what its class is over. */
export const saidFor = (source: Source): Source =>
  source._tag === "TableSource" ? (source.over?.said ?? source) : source
