// line: 10
// expect: Type '"words"' is not assignable to type '"own" | "target"'
import { Column, Entity } from "athanor"

class Word extends Entity<Word>()("words", { id: Column.id(), text: Column.text() }) {}

export class Text extends Entity<Text>()("texts", { id: Column.id(), text: Column.text() }) {
  static readonly words = this.relatesToMany(
    () => Word,
    (own) => own.text.eq(Word.c.text)
  )
}
