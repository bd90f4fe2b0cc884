// The server's own TLS key and self-signed certificate, made at its first start. Kiosks know the key by its hash and look at nothing else
// of the certificate: no name, no date, no authority (security.md S28; R6 30).

import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileDurably } from '../../db/files.ts';

export interface ServerIdentity {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** SHA-256 of the SubjectPublicKeyInfo, base64url: what kiosks compare. */
  readonly pin: string;
}

/** Reads the identity kept in `keys`, or makes it there. */
export function serverIdentity(keys: string, name: string): ServerIdentity {
  const keyPath = join(keys, 'tls.pem');
  const certificatePath = join(keys, 'tls.crt');
  if (!existsSync(keyPath)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' }); // every TLS stack takes it, Ed25519 not all do
    writeFileDurably(keyPath, privateKey.export({ format: 'pem', type: 'pkcs8' }), 0o600);
  }
  const keyPem = readFileSync(keyPath, 'utf8');
  const key = createPrivateKey(keyPem);
  if (!existsSync(certificatePath)) writeFileDurably(certificatePath, selfSigned(key, name)); // a start cut short made the key alone
  return { keyPem, certificatePem: readFileSync(certificatePath, 'utf8'), pin: hash('sha256', publicDer(key), 'base64url') };
}

function publicDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' });
}

/** An X.509 v3 certificate (RFC 5280) of a P-256 key, without end: 9999-12-31 is the date that says so. */
function selfSigned(key: KeyObject, name: string): string {
  const subject = der(sequence, der(set, der(sequence, oid('550403'), der(utf8, Buffer.from(name)))));
  const algorithm = der(sequence, oid('2a8648ce3d040302')); // ecdsa-with-SHA256
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40; // positive, and of full length
  const body = der(
    sequence,
    der(version, der(integer, Buffer.of(2))),
    der(integer, serial),
    algorithm,
    subject,
    der(sequence, der(generalizedTime, Buffer.from('20200101000000Z')), der(generalizedTime, Buffer.from('99991231235959Z'))),
    subject,
    publicDer(key),
  );
  const certificate = der(sequence, body, algorithm, der(bitString, Buffer.of(0), sign('sha256', body, key)));
  const lines = certificate.toString('base64').match(/.{1,64}/g)!; // it is not empty
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

// Tags of X.690.
const integer = 0x02;
const bitString = 0x03;
const utf8 = 0x0c;
const generalizedTime = 0x18;
const sequence = 0x30;
const set = 0x31;
const version = 0xa0;

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]; // a certificate has some hundred bytes
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
