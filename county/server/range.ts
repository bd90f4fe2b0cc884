// What part of a file a request asks for (RFC 9110, 14): one range of bytes, and only of the version of the file that it has the beginning of.

/** The bytes from one to the last, both counted. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/**
 * null: the whole file, for want of a range, for one that is none of ours, or because `if-range` names another version than `tag`. `none`: it
 * begins beyond the end (416).
 */
export function partAsked({
  range,
  ifRange,
  tag,
  bytes,
}: {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly tag: string;
  readonly bytes: number;
}): Part | 'none' | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  if (ifRange !== undefined && ifRange !== tag) return null;
  if (first === '') return Number(last) === 0 ? 'none' : { from: Math.max(0, bytes - Number(last)), to: bytes - 1 };
  const [from, to] = [Number(first), last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)];
  if (from >= bytes) return 'none';
  return from <= to ? { from, to } : null;
}
