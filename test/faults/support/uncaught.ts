/** What nobody caught: a test that provokes faults asks that there be nothing of it. */
export const uncaught: Array<unknown> = []

process.on("uncaughtException", (error) => uncaught.push(error))
process.on("unhandledRejection", (error) => uncaught.push(error))
