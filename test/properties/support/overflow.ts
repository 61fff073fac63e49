const overflows = [
  /^(smallint|integer|bigint|date|timestamp) out of range$/,
  /value is out of range in/,
  /integer overflow/,
  // Of a number that is exact as a number only up to there.
  /expected a whole number within 2\^53$/
]

/** The server met an overflow the meaning does not reach: SQL leaves open what is evaluated. */
export const isOverflow = ({ message }: Error): boolean =>
  overflows.some((one) => one.test(message))
