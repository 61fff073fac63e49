import { absent, windows } from "../../../algebra/block.ts"
import { tablesOf } from "../../../algebra/lock.ts"
import type { Lock } from "../../../algebra/Relation.ts"
import type { Context } from "../../Program.ts"
import type { From } from "../../Placed.ts"
import type { Draft } from "./Draft.ts"
import { looksAround } from "./varying.ts"

/** A SELECT with the lock it takes, as far as the server has such locks. */
export const lockedDraft = (node: Lock, draft: Draft, context: Context): Draft => {
  const { capabilities, refuse } = context
  const { strength, wait } = node
  const keys = strength === "no key update" || strength === "key share"
  const said = `FOR ${strength.toUpperCase()}`
  if (!capabilities.rowLocks) {
    if (wait !== null || node.of.length > 0 || keys)
      refuse("rowLocks", `${said}${wait === null ? "" : ` ${wait.toUpperCase()}`}`)
    return draft
  }
  const around =
    draft.fields?.some((field) => windows(field.node)) === true ||
    draft.order.some(({ term }) => looksAround(term))
  if (around && capabilities.dialect === "postgres")
    refuse("lockedWindow", `${said} beside a window function`)
  if (keys && !capabilities.keyLocks) refuse("keyLocks", said)
  if (node.of.length > 0 && !capabilities.lockOf) refuse("lockOf", `${said} OF ${node.of.join()}`)
  if (wait === "nowait" && !capabilities.nowait) refuse("nowait", `${said} NOWAIT`)
  if (wait === "skip locked" && !capabilities.skipLocked)
    refuse("skipLocked", `${said} SKIP LOCKED`)
  if (wait === "skip locked" && draft.ties && capabilities.dialect === "postgres")
    refuse("lockedTies", `${said} SKIP LOCKED with ties`)
  const sources = leavesOf(draft.from)
  const tables = sources.flatMap((one) => (one._tag === "TableFrom" ? [one.alias] : []))
  const of = node.of.length > 0 ? node.of : (tablesOf(node.self) ?? [])
  // A server's own reasons may have put a table into a derived table, whose rows stay free.
  const hidden = of.find((alias) => !tables.includes(alias))
  if (hidden !== undefined) refuse("lockNested", `${said} of "${hidden}" in a derived table`)
  if (!capabilities.lockAbsent) {
    const absentHere = absent(node.self)
    const open = of.find((alias) => absentHere.has(alias))
    if (open !== undefined) refuse("lockAbsent", `${said} of "${open}", which may be absent`)
  }
  const all = node.of.length === 0 && (tables.length === sources.length || !capabilities.lockOf)
  return { ...draft, lock: { strength, wait, of: all ? [] : of } }
}

type Leaf = Exclude<From, { readonly _tag: "JoinFrom" }>

const leavesOf = (from: From | null): ReadonlyArray<Leaf> =>
  from === null
    ? []
    : from._tag === "JoinFrom"
      ? [...leavesOf(from.left), ...leavesOf(from.right)]
      : [from]
