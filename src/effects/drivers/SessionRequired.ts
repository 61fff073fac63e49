/** A text that leaves something in its session was given where no session lasts. */
export class SessionRequired extends Error {
  constructor() {
    super("this would live in a session, and behind a pooler by transactions none lasts")
  }
}
