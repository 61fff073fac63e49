import type { HintForm } from "../../../algebra/Relation.ts"
import type { From, Query } from "../../Placed.ts"
import type { Draft } from "./Draft.ts"

/** A SELECT with one hint more; of a set operation the first SELECT has it. */
export const hintedDraft = (hint: HintForm, draft: Draft): Draft => {
  if (hint._tag === "Index") {
    if (draft.from !== null) tell(draft.from, hint)
    return draft
  }
  if (hint._tag === "Writes") return draft
  const { core } = draft
  switch (core._tag) {
    case "Block":
      return { ...draft, hints: [...draft.hints, hint] }
    case "Compound": {
      const [first, ...rest] = core.parts
      return { ...draft, core: { ...core, parts: [hintedQuery(first!, hint), ...rest] } }
    }
    case "CustomQuery":
      return { ...draft, core: { ...core, self: hintedQuery(core.self, hint) } }
  }
}

const hintedQuery = (query: Query, hint: HintForm): Query => {
  switch (query._tag) {
    case "Block":
      return { ...query, hints: [...query.hints, hint] }
    case "Compound": {
      const [first, ...rest] = query.parts
      return { ...query, parts: [hintedQuery(first!, hint), ...rest] }
    }
    case "CustomQuery":
      return { ...query, self: hintedQuery(query.self, hint) }
  }
}

type IndexHint = Extract<HintForm, { readonly _tag: "Index" }>

/** Tells the table, also one that a server needs inside a derived table. */
const tell = (from: From, hint: IndexHint): void => {
  switch (from._tag) {
    case "JoinFrom":
      tell(from.left, hint)
      return tell(from.right, hint)
    case "TableFrom":
      if (from.alias === hint.alias) (from.indexes as Array<IndexHint>).push(hint)
      return
    case "QueryFrom":
      if (from.query._tag === "Block" && from.query.from !== null) tell(from.query.from, hint)
      return
    case "CteFrom":
    case "FunctionFrom":
    case "RecursionFrom":
  }
}
