const errors = [
  /^(smallint|integer|bigint|date|timestamp) out of range$/,
  /value is out of range in/,
  /integer overflow/,
  // Of a number that is exact as a number only up to there.
  /expected a whole number within 2\^53$/,
  /^LIKE pattern must not end with escape character$/
]

/**
 * The server met a value in error that the meaning does not reach: SQL leaves open what is
 * evaluated.
 */
export const isUnasked = ({ message }: Error): boolean => errors.some((one) => one.test(message))
