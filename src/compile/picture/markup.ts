/**
 * A text as XML and HTML hold it; what they cannot hold is shown by the sign for it.
 */
export const markup = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\u0000-\u001f]/g, (one) => String.fromCodePoint(one.codePointAt(0)! + 0x2400))
    .replaceAll(/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
