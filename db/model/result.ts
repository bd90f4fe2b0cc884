// How an expected failure is told: a value with a code. What must not happen throws instead.

/** A success, or a failure that the world can cause and the caller must answer. */
export type Result<Value, Code extends string> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly code: Code };

/** A success. */
export function ok<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

/** An expected failure. */
export function fail<const Code extends string>(code: Code): { readonly ok: false; readonly code: Code } {
  return { ok: false, code };
}

/** Ends a switch over a union: a new member then fails to compile here. */
export function never(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}

/** A belief that must hold for the book to be right; asserts stay on in production (reconciliation.md R7). */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
