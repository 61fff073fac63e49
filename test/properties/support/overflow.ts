/** The server met an overflow the meaning does not reach: SQL leaves open what is evaluated. */
export const isOverflow = (error: Error): boolean =>
  /^(smallint|integer|bigint) out of range$|value is out of range in|integer overflow/.test(
    error.message
  )
