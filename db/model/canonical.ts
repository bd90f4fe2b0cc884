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
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) {
    let items = '';
    for (let i = 0; i < value.length; i += 1) items += `${i === 0 ? '' : ','}${canonical(value[i])}`; // a hole is met, and refused
    return `[${items}]`;
  }
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    throw new TypeError(`not plain data: ${typeof value}`);
  const record = value as { readonly [member: string]: Plain | undefined }; // an array was handled above
  let members = '';
  // toSorted is by UTF-16 code units, as RFC 8785 section 3.2.3 says
  for (const name of Object.keys(record).toSorted()) {
    const member = record[name];
    if (member !== undefined) members += `${members === '' ? '' : ','}${text(name)}:${canonical(member)}`;
  }
  return `{${members}}`;
}

/** ASCII that JSON does not escape, and the common hanzi: none of them composes, so such text is NFC as it stands. */
const simple = /^[ !#-[\]-~\u4e00-\u9fff]*$/;

function text(value: string): string {
  if (simple.test(value)) return `"${value}"`; // nine of ten texts of a sale, in a tenth of the time
  if (!value.isWellFormed() || value.normalize('NFC') !== value) throw new TypeError('text is not well-formed NFC');
  return JSON.stringify(value);
}
