/** A text between quotes as SQL has them: that quote within is said twice. */
export const inQuotes = (text: string, quote: "'" | '"' | "`"): string =>
  `${quote}${text.replaceAll(quote, quote + quote)}${quote}`
