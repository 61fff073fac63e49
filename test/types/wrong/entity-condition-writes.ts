// line: 14
// expect: 'words' does not exist in type
import { Column, Entity } from "athanor"

class Word extends Entity<Word>()("words", { id: Column.id(), text: Column.text() }) {}

class Text extends Entity<Text>()("texts", { id: Column.id(), body: Column.text() }) {
  static readonly words = this.relatesToMany(
    () => Word,
    (own, target) => own.body.eq(target.text)
  )
}

export const draft = Text.make({ body: "x", words: [] })
