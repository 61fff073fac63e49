import { isVolatile } from "../../../algebra/Scalar.ts"
import type { Term } from "../../Placed.ts"
import { operandsOf } from "../../kids.ts"
import { inCall } from "./operator.ts"

/**
 * A term as a sort or grouping key. A server may fold a user's text without columns to an integer,
 * and read that as the number of a column; a call around it keeps it an expression.
 */
export const asKey = (term: Term): Term => (varies(term) ? asExpression(term) : term)

/** A term that no server takes for the number of a column. */
export const asExpression = (term: Term): Term => (folds(term) ? inCall(term) : term)

/**
 * Whether a parser may make a plain number of a term. SQLite takes the whole of an AND for 0 where
 * one of its parts is for sure: `a AND (0 IS NULL)`, and whether that is NULL for 0 or 1.
 */
const folds = (term: Term): boolean => {
  if (term._tag === "And") return term.kids.parts.some(folds)
  if (term._tag === "IsNull") return folds(term.kids.self)
  if (term._tag === "Not" && term.kids.self._tag === "IsNull") return folds(term.kids.self)
  return !isAnchored(term)
}

/** What has a value of its row or group: no server can fold it. */
const anchors: ReadonlySet<Term["_tag"]> = new Set<Term["_tag"]>([
  "Column",
  "Label",
  "Proposed",
  "Aggregate",
  "Grouping",
  "Window",
  "Subquery",
  "Exists",
  "InQuery"
])

/**
 * Whether a column, an aggregate or a query stands in a term, so that no server can fold it. In a
 * drawn value none does: PostgreSQL draws one for a sort key and a column that are spelled alike.
 */
export const isAnchored = (term: Term): boolean =>
  anchors.has(term._tag) || operandsOf(term).some(isAnchored)

/** Whether a window stands in a term, so that its value depends on the other rows of its query. */
export const looksAround = (term: Term): boolean =>
  term._tag === "Window" || operandsOf(term).some(looksAround)

/** Whether a term may differ from row to row; users' own text is trusted to. */
export const varies = (term: Term): boolean =>
  // Even a value drawn at execution is drawn once for all rows.
  anchors.has(term._tag) ||
  term._tag === "Raw" ||
  term._tag === "CustomScalar" ||
  (term._tag === "Call" && isVolatile(term.node)) ||
  operandsOf(term).some(varies)
