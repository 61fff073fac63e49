/**
 * How long a night is. `ATHANOR_NIGHTLY=1` asks for the counts of a night, `ATHANOR_HOURS` says in
 * how many hours: eight unless told. `vitest.config.ts` notes when it ends.
 */
export const isNight = process.env["ATHANOR_NIGHTLY"] === "1"

const hours = Number(process.env["ATHANOR_HOURS"] ?? 8)

/** When the night ends, in milliseconds since 1970; nothing is cut short by day. */
const ends = Number(process.env["ATHANOR_NIGHT_ENDS"] ?? Infinity)

/** Whether there is still time at night. */
export const isDark = (): boolean => Date.now() < ends

/**
 * How many times its time by day a law may take at night. All laws once take five minutes on two
 * cores, and an hour holds them eight times beside what is no law.
 */
export const stretch = isNight ? hours * 8 : Infinity

/** What this night is of a whole one: tests with a time of their own are given so much of it. */
export const share = Math.min(1, hours / 8)

/** Milliseconds a test may take: at night, all of it. */
export const nightOr = (byDay_ms: number): number =>
  isNight ? Math.max(byDay_ms, hours * 3_600_000) : byDay_ms
