/** A statement of a hand's program, and the rows it is answered with. */
export interface Asked {
  readonly text: string
  readonly values: ReadonlyArray<unknown>
}
export type Row = Readonly<Record<string, unknown>>
export type Rows = ReadonlyArray<Row>

/** A program by hand, said once for all drivers: what it yields is sent, what it gets are rows. */
export type Script<A> = Generator<Asked, A, Rows>

type Say = (asked: Asked) => Rows

/** Where the driver answers at once. */
export const runNow = <A>(script: Script<A>, say: Say): A => {
  let step = script.next()
  while (step.done !== true) step = script.next(say(step.value))
  return step.value
}

/** Where it answers later. */
export const runLater = async <A>(
  script: Script<A>,
  say: (asked: Asked) => Promise<Rows>
): Promise<A> => {
  let step = script.next()
  while (step.done !== true) step = script.next(await say(step.value))
  return step.value
}
