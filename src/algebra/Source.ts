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
  QueriedColumn,
  ReferentialAction,
  SelfSource,
  Source,
  TableSource,
  UniqueNode
} from "./nodes.ts"

/** The source behind any FROM, where it is a base table. */
export const asTable = (source: Source, asked: string): TableSource =>
  source._tag === "TableSource" && source.definition === null
    ? source
    : refuse(`${asked}: only a base table can be written`)
