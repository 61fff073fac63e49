/** Operators and functions whose result types are documented, as TypeScript over operands a, b. */

/** Columns of one table, by the type each stands for. */
export const operands: ReadonlyArray<readonly [name: string, column: string]> = [
  ["smallint", "Column.smallint()"],
  ["integer", "Column.integer()"],
  ["bigint", "Column.bigint()"],
  ["numeric", "Column.numeric(10, 2)"],
  ["double", "Column.double()"],
  ["text", "Column.text()"],
  ["varchar", "Column.varchar(20)"],
  ["enum", 'Column.enum(["a", "b"])'],
  ["uuid", "Column.uuid()"],
  ["boolean", "Column.boolean()"],
  ["bytes", "Column.bytes()"],
  ["date", "Column.date()"],
  ["time", "Column.make(Type.time())"],
  ["timestamp", "Column.timestamp()"],
  ["instant", "Column.make(Type.timestamp(6))"],
  ["interval", "Column.make(Type.interval)"]
]

/** What two operands are given to. */
export const binary: ReadonlyArray<string> = [
  "a.eq(b)",
  "a.lt(b)",
  "a.and(b)",
  "a.like(b)",
  "a.add(b)",
  "a.sub(b)",
  "a.mul(b)",
  "a.div(b)",
  "a.quot(b)",
  "a.rem(b)",
  "a.concat(b)",
  "a.coalesce(b)",
  "Fn.nullif(a, b)",
  "Fn.greatest(a, b)",
  "Fn.power(a, b)",
  "Fn.bitAnd(a, b)",
  "Fn.position(a, b)",
  'Fn.dateDiff(a, b, "day")',
  "Fn.addInterval(a, b)",
  "Expr.when(a.isNull(), a).else(b)"
]

/** What one operand is given to. */
export const unary: ReadonlyArray<string> = [
  "a.neg()",
  "a.not()",
  "a.isNull()",
  "Fn.abs(a)",
  "Fn.ceil(a)",
  "Fn.round(a)",
  "Fn.sign(a)",
  "Fn.sqrt(a)",
  "Fn.count(a)",
  "Fn.sum(a)",
  "Fn.avg(a)",
  "Fn.min(a)",
  "Fn.every(a)",
  "Fn.length(a)",
  "Fn.upper(a)",
  "Fn.md5(a)",
  "Fn.bitNot(a)",
  "Fn.ordinal(a)",
  'Fn.extract(a, "year")',
  'Fn.extract(a, "hour")',
  'Fn.dateTrunc(a, "month")',
  'Fn.dateAdd(a, 1, "day")',
  "Fn.toDate(a)",
  "Fn.toTimestamp(a)"
]

/** An operation on operands. */
export const applied = (operation: string, a: string, b = ""): string =>
  operation.replaceAll(/\b[ab]\b(?!")/g, (one) => (one === "a" ? a : b))
