/**
 * A text as XML and HTML hold it; what they cannot hold is shown by the sign for it.
 */
export const markup = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, (one) => {
      const code = one.codePointAt(0)!
      return code < 0x20 ? String.fromCodePoint(code + 0x2400) : "\ufffd"
    })
    .replaceAll(/[\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
