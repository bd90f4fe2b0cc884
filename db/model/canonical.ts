// The one way a record becomes bytes: RFC 8785 member order, whole numbers, NFC text. The bytes are what is hashed and
// signed; nothing is ever re-derived from columns (reconciliation.md, decision 5).

/** Plain data that a record may hold. Members that are undefined are left out. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [member: string]: Plain | undefined };

/**
 * Canonical JSON on one line. Throws TypeError on fractions, unsafe integers, text that is not NFC or has a lone
 * surrogate, and anything that is not plain data: such a record must not enter the book.
 */
export function canonical(value: Plain): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError(`not a whole number: ${value}`);
    return String(value === 0 ? 0 : value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed() || value.normalize('NFC') !== value) throw new TypeError('text is not well-formed NFC');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${Array.from(value, (item: Plain) => canonical(item)).join(',')}]`;
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    throw new TypeError(`not plain data: ${typeof value}`);
  const record = value as { readonly [member: string]: Plain | undefined }; // an array was handled above
  const members = Object.keys(record)
    .filter((name) => record[name] !== undefined)
    .toSorted() // by UTF-16 code units, as RFC 8785 section 3.2.3 says
    .map((name) => `${canonical(name)}:${canonical(record[name]!)}`);
  return `{${members.join(',')}}`;
}
