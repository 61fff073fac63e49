import { Column, Entity, Session } from "athanor"
import { Effect } from "effect"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
const drafts = [User.make({ name: "Ann" }), User.make({ name: "Bob" })]

/** Drafts are refreshed to values: their generated keys are there. */
export const ids: Effect.Effect<ReadonlyArray<number>, unknown, Session> = Session.refresh(
  drafts
).pipe(Effect.map((users) => users.map(({ id }) => id)))
