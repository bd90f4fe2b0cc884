// SHA-256 as bytes, for where it is asked for a hundred thousand times: leaves and heads of trees.

import { hash } from 'node:crypto';

/** SHA-256 of bytes, or of a text's UTF-8. Asked for as text: bytes of its own from Node cost more than the hash of a whole event. */
export function sha256(of: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', of, 'binary'), 'latin1'); // one and the same, of which Node's types name the first
}
