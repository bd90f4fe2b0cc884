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
  for (const name of inOrder(Object.keys(record))) {
    const member = record[name];
    if (member !== undefined) members += `${members === '' ? '' : ','}${named(name)}${canonical(member)}`;
  }
  return `{${members}}`;
}

/** Whether `line` is the canonical JSON of what JSON.parse made of it. In half the time of writing it anew, where it is as ours are. */
export function isCanonical(value: Plain, line: string): boolean {
  try {
    return (plainLine.test(line) && isOrdered(value) && JSON.stringify(value) === line) || canonical(value) === line;
  } catch {
    return false; // no record may hold it, or it is nested deeper than anything of ours
  }
}

/** A line whose texts are all simple ones: nothing in it is escaped, so that JSON.stringify writes them as canonical does. */
const plainLine = /^[ -[\]-~\u4e00-\u9fff]*$/;

/** Whether members stand in their order, and numbers are whole: what JSON.stringify does not see to. */
function isOrdered(value: Plain): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isOrdered);
  const record = value as { readonly [member: string]: Plain }; // of JSON.parse: no member is undefined
  let before = '';
  for (const name in record) {
    if (name < before || !isOrdered(record[name]!)) return false;
    before = name;
  }
  return true;
}

/** Most records have fewer members than this; those of a closing's figures may have more. */
const fewNames = 32;

/** Names by UTF-16 code units, as RFC 8785 section 3.2.3 says and < takes them; few of them by hand, in half of sort()'s time. */
function inOrder(names: string[]): readonly string[] {
  if (names.length > fewNames) return names.sort();
  for (let i = 1; i < names.length; i += 1) {
    const name = names[i]!;
    let at = i;
    for (; at > 0 && names[at - 1]! > name; at -= 1) names[at] = names[at - 1]!;
    names[at] = name;
  }
  return names;
}

/** Names of members as they are written: our records have some hundreds, the same in every line. A stranger's fill it, and no more. */
const namesWritten = new Map<string, string>();
const namesWrittenMax = 1_000;
const nameLengthMax = 64;

function named(name: string): string {
  const known = namesWritten.get(name);
  if (known !== undefined) return known;
  const written = `${text(name)}:`;
  if (namesWritten.size < namesWrittenMax && name.length <= nameLengthMax) namesWritten.set(name, written);
  return written;
}

/** ASCII that JSON does not escape, and the common hanzi: none of them composes, so such text is NFC as it stands. */
const simple = /^[ !#-[\]-~\u4e00-\u9fff]*$/;

function text(value: string): string {
  if (simple.test(value)) return `"${value}"`; // nine of ten texts of a sale, in a tenth of the time
  if (!value.isWellFormed() || value.normalize('NFC') !== value) throw new TypeError('text is not well-formed NFC');
  return JSON.stringify(value);
}
