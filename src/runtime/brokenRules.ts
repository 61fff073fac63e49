import { brokenBy, isRuled } from "../algebra/schema/rule.ts"
import type { TableSource } from "../algebra/Source.ts"
import type { EncodeFailed } from "../effects/DatabaseError.ts"
import type { Engine } from "../effects/Engine.ts"
import { ruleBroken } from "../effects/statements/ruleRefused.ts"
import type { ChangeSet } from "../mapping/ChangeSet.ts"
import { EntityId, type OneOf } from "../mapping/EntityClass.ts"
import { isDraft } from "../mapping/EntityDraft.ts"
import { isRef } from "../mapping/EntityRef.ts"
import { isPromisedCell, type Row } from "../mapping/RowRef.ts"
import type { Standing } from "./SessionState.ts"

/** Rules of columns and rows, asked by a session before anything is sent. */

/** What a patch breaks, with all that is known of its row; null where it breaks nothing. */
export const brokenPatch = (
  { dialect }: Engine,
  value: OneOf<string>,
  now: Standing,
  values: Row
): EncodeFailed | null => {
  const { source } = value[EntityId]
  if (!isRuled(source)) return null
  const own = isDraft(value) || isRef(value) ? {} : (value as unknown as Row)
  const row = { ...own, ...(now._tag === "Here" ? now.row : {}), ...values }
  const broken = brokenBy(source, row, Object.keys(values), isPromisedCell)
  return broken === null ? null : ruleBroken(broken, dialect)
}

/** What a flush would write against a rule, hooks and rules of relations included; else null. */
export const brokenChange = (engine: Engine, { changes }: ChangeSet): EncodeFailed | null => {
  let last: TableSource | null = null
  let isLastRuled = false
  for (const change of changes) {
    const { table } = change.ref
    if (table !== last) isLastRuled = isRuled((last = table))
    if (change._tag === "Delete" || !isLastRuled) continue
    const written = change._tag === "Insert" ? change.row : change.set
    const row = change._tag === "Insert" ? written : { ...change.before, ...written }
    const broken = brokenBy(table, row, Object.keys(written), isPromisedCell)
    if (broken !== null) return ruleBroken(broken, engine.dialect)
  }
  return null
}
