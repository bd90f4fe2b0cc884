// Signatures are checked on threads of their own, which keep no program running that has nothing more to do; and whoever checks them finds
// what OpenSSL finds.

import { ed25519, ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js';
import { execFile } from 'node:child_process';
import { createHash, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { found, verifierOf } from '../../county/book/verify-signatures.ts';
import { publicKeyFromRaw } from '../../db/model/keys.ts';

const program = `import(${JSON.stringify(new URL('../../county/book/signatures.ts', import.meta.url).href)}).then(async ({ signaturesOf }) => {
  const signatures = signaturesOf(${JSON.stringify(Buffer.alloc(32, 1).toString('base64url'))});
  signatures.add(7, 'text', 'A'.repeat(86));
  console.log(await signatures.end());
})`;

test('a program that has checked its last signature ends', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { timeout: 30_000 });
  expect(stdout).toBe('7\n');
});

const { Point } = ed25519;
const order = Point.Fn.ORDER;
const torsion = ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex, true)); // the eight points of small order

function bytesOf(number: bigint): Buffer {
  return Buffer.from([...Buffer.from(number.toString(16).padStart(64, '0'), 'hex')].toReversed());
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from([...bytes].toReversed()).toString('hex')}`);
}

interface Signed {
  readonly key: Buffer;
  readonly text: Buffer;
  readonly signature: Buffer;
}

/** Signed by whoever has the secret, as the equation goes whose both sides are multiplied by eight: programs differ on what they make of it. */
function signedAstray(n: number, ofKey: number, ofNonce: number): Signed {
  const secret = numberOf(createHash('sha256').update(`secret ${n}`).digest()) % order;
  const nonce = numberOf(createHash('sha256').update(`nonce ${n}`).digest()) % order;
  const key = Buffer.from(Point.BASE.multiply(secret).add(torsion[ofKey]!).toBytes());
  const begins = Buffer.from(Point.BASE.multiply(nonce).add(torsion[ofNonce]!).toBytes());
  const text = Buffer.from(`text ${n}`);
  const challenge = numberOf(createHash('sha512').update(begins).update(key).update(text).digest()) % order;
  return { key, text, signature: Buffer.concat([begins, bytesOf((nonce + challenge * secret) % order)]) };
}

function changed({ key, text, signature }: Signed): readonly Signed[] {
  const [begins, ends] = [signature.subarray(0, 32), signature.subarray(32)];
  const one = Buffer.from(signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte)));
  const signatures = [
    Buffer.concat([begins, bytesOf(numberOf(ends) + order)]), // the same number, said otherwise
    Buffer.concat([signature, Buffer.of(0)]),
    signature.subarray(0, 63),
    Buffer.alloc(0),
    one,
    ...torsion.map((point) => Buffer.concat([Buffer.from(point.toBytes()), ends])),
    Buffer.concat([Buffer.from('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'hex'), ends]), // y is p, which is 0
  ];
  return [
    ...signatures.map((each) => ({ key, text, signature: each })),
    ...torsion.map((point) => ({ key: Buffer.from(point.toBytes()), text, signature })),
    ...torsion.map((point) => ({
      key: Buffer.from(point.toBytes()),
      text,
      signature: Buffer.concat([Buffer.from(point.toBytes()), Buffer.alloc(32)]),
    })),
    { key, text: Buffer.alloc(0), signature },
  ];
}

test('libsodium is there, and takes nothing that OpenSSL refuses: both with it and without it the verdict is OpenSSL’s', () => {
  expect(found).not.toBeNull();
  const astray = torsion.flatMap((_, ofKey) => torsion.map((__, ofNonce) => signedAstray(8 * ofKey + ofNonce, ofKey, ofNonce)));
  let right = 0;
  for (const { key, text, signature } of astray.flatMap((each, i) => [each, ...(i % 8 === 0 ? changed(each) : [])])) {
    const isRight = verify(null, text, publicKeyFromRaw(key), signature);
    right += Number(isRight);
    expect([verifierOf(key)(text, signature), verifierOf(key, null)(text, signature)]).toEqual([isRight, isRight]);
  }
  expect(right).toBeGreaterThan(0);
  expect(right).toBeLessThan(astray.length); // so that there was something to differ on
});
