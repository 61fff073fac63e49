import { brokenBy } from "../algebra/schema/rule.ts"
import type { EncodeFailed } from "../effects/DatabaseError.ts"
import type { Engine } from "../effects/Engine.ts"
import { ruleBroken } from "../effects/statements/ruleRefused.ts"
import type { ChangeSet } from "../mapping/ChangeSet.ts"
import { isPromisedCell } from "../mapping/RowRef.ts"

/** What a flush would write against a rule, hooks and rules of relations included; else null. */
export const brokenChange = (engine: Engine, { changes }: ChangeSet): EncodeFailed | null => {
  for (const change of changes) {
    if (change._tag === "Delete") continue
    const written = change._tag === "Insert" ? change.row : change.set
    const row = change._tag === "Insert" ? written : { ...change.before, ...written }
    const broken = brokenBy(change.ref.table, row, Object.keys(written), isPromisedCell)
    if (broken !== null) return ruleBroken(broken, engine.dialect)
  }
  return null
}
