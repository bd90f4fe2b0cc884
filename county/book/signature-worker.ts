// The thread that checks signatures for the one that posts (signatures.ts): says of each list which is the first that is wrong. Knows no
// event and no kiosk.

import { parentPort } from 'node:worker_threads';
import { type Verifier, verifierOf } from './verify-signatures.ts';

export interface SignedList {
  readonly number: number;
  /** Ed25519, raw in base64url. */
  readonly key: string;
  /** What was signed, and beside it the signature in base64url. */
  readonly signed: readonly (readonly [text: string, signature: string])[];
}

export interface CheckedList {
  readonly number: number;
  /** Place in the list; null: all are right. */
  readonly firstWrong: number | null;
}

let known: { readonly raw: string; readonly isSigned: Verifier } | null = null;

const port = parentPort!; // it is a thread
port.on('message', ({ number, key: raw, signed }: SignedList) => {
  known = known?.raw === raw ? known : { raw, isSigned: verifierOf(Buffer.from(raw, 'base64url')) };
  const { isSigned } = known;
  const wrong = signed.findIndex(([text, signature]) => !isSigned(Buffer.from(text), Buffer.from(signature, 'base64url')));
  const checked: CheckedList = { number, firstWrong: wrong === -1 ? null : wrong };
  port.postMessage(checked);
});
