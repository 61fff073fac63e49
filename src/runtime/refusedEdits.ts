import { brokenBy } from "../algebra/schema/rule.ts"
import type { EncodeFailed } from "../effects/DatabaseError.ts"
import { ruleBroken } from "../effects/statements/ruleRefused.ts"
import type { OneOf } from "../mapping/EntityClass.ts"
import { isDraft } from "../mapping/EntityDraft.ts"
import { isRef } from "../mapping/EntityRef.ts"
import { isPromisedCell, type Row, type RowRef } from "../mapping/RowRef.ts"
import * as State from "./SessionState.ts"
import type { Unit } from "./Unit.ts"

/** What a patch breaks, with all that is known of its row; null where it breaks nothing. */
export const brokenPatch = (
  unit: Unit,
  value: OneOf<string>,
  ref: RowRef,
  values: Row
): EncodeFailed | null => {
  const now = State.standing(unit.state, ref)
  const own = isDraft(value) || isRef(value) ? {} : (value as unknown as Row)
  const row = { ...own, ...(now._tag === "Here" ? now.row : {}), ...values }
  const broken = brokenBy(ref.table, row, Object.keys(values), isPromisedCell)
  return broken === null ? null : ruleBroken(broken, unit.engine.dialect)
}
