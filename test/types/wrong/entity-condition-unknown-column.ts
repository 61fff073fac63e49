// line: 10
// expect: Property 'body' does not exist on type
import { Column, Entity } from "athanor"

class Word extends Entity<Word>()("words", { id: Column.id(), text: Column.text() }) {}

export class Text extends Entity<Text>()("texts", { id: Column.id(), body: Column.text() }) {
  static readonly words = this.relatesToMany(
    () => Word,
    (own, target) => own.body.eq(target.body)
  )
}
