import { isFixedColumn } from "../emulate/absentConstants.ts"
import { type Draft, type Field, once } from "./Draft.ts"
import { hasAggregate } from "./Scope.ts"
import { inCall } from "./operator.ts"

/** MariaDB 10.11 gives `SELECT DISTINCT count(DISTINCT ?) … GROUP BY x` a row for each group. */
export const leavesTwins = ({ fields, group }: Draft): boolean =>
  group !== null && group.length > 0 && fields!.some((field) => hasAggregate(field.term()))

/**
 * What DISTINCT compares of a row. MariaDB 10.11 tells rows apart by what it knows of each row of a
 * derived table, though an outer join left the row out and it is NULL.
 */
export const toldApart = (field: Field): Field =>
  isFixedColumn(field.node) ? { ...field, term: once(() => inCall(field.term())) } : field
