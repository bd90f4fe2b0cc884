// One-time codes of kiosks attacked: guessed, used twice, by two at once, for a key that was withdrawn, and a key written in another way than
// its one form.

import { generateKeyPairSync } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { enrolByCode, enrolByKey, expectByCode } from '../../county/book/enrol.ts';
import { findKiosk } from '../../county/book/intake.ts';
import { revokeKiosk } from '../../county/book/revoke.ts';
import { countyServer } from '../../county/server/server.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { aCounty } from '../support/county-book.ts';

const kiosk = 'qj-03';
const refused = { ok: false, code: 'refused' };

function aKey(): string {
  return Buffer.from(rawPublicKey(generateKeyPairSync('ed25519').privateKey)).toString('base64url');
}

/** Another text that decodes to the same bytes: 43 letters have two bits more than 32 bytes. */
function otherText(key: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const other = `${key.slice(0, 42)}${letters[letters.indexOf(key[42]!) + 1]!}`;
  expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(key, 'base64url'));
  return other;
}

async function codeOf(county: CountyBook, of = kiosk): Promise<string> {
  const made = await expectByCode(county, { kiosk: of, store: 'baire' });
  if (!made.ok) throw new Error(made.code);
  return made.value.code;
}

const keyOf = (county: CountyBook, of = kiosk): Promise<string | null> => county.read((db) => findKiosk(db, of)?.key ?? null);

test('two machines with one code at once: one is enrolled, the other refused, whoever came first', async () => {
  const county = aCounty(onTestFinished, false);
  const code = await codeOf(county);
  const keys = Array.from({ length: 10 }, aKey);
  const tried = await Promise.all(keys.map((key) => enrolByCode(county, { kiosk, code, key })));
  expect(tried.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await keyOf(county)).toBe(keys[tried.findIndex(({ ok }) => ok)]);
});

test('a key has one form: in another it is nobody, and one that was withdrawn does not come back in it', async () => {
  const county = aCounty(onTestFinished, false);
  const key = aKey();
  const code = await codeOf(county);
  expect(await enrolByCode(county, { kiosk, code, key: otherText(key) })).toEqual(refused);
  expect(await enrolByKey(county, { kiosk, store: 'baire', key: otherText(key) })).toMatchObject({ ok: false });
  expect(await enrolByCode(county, { kiosk, code, key })).toEqual({ ok: true, value: null });
  expect(await revokeKiosk(county, { kiosk, by: '监督委员会', reason: 'stolen' })).toMatchObject({ ok: true });
  const next = await codeOf(county, 'qj-04');
  for (const each of [key, otherText(key)]) {
    expect(await enrolByCode(county, { kiosk: 'qj-04', code: next, key: each })).toEqual(refused);
    expect(await enrolByKey(county, { kiosk: 'qj-04', store: 'baire', key: each })).toMatchObject({ ok: false });
  }
  expect(await keyOf(county, 'qj-04')).toBeNull();
  expect(await enrolByCode(county, { kiosk, code, key: aKey() })).toEqual(refused);
});

async function guess(app: FastifyInstance, payload: unknown, headers: Record<string, string> = {}): Promise<readonly [number, string]> {
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url: `/v1/540525/${kiosk}/enrol`,
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(payload),
  });
  return [statusCode, body];
}

test('who guesses is told the same of every guess, five times a minute, whatever address they say they come from', async () => {
  const county = aCounty(onTestFinished, false);
  const said: string[] = [];
  const app = await countyServer(county, { identity: null, complain: (line) => void said.push(line) });
  onTestFinished(() => app.close());
  const code = await codeOf(county);
  const key = aKey();
  const told: unknown[] = [];
  for (const wrong of [code.slice(1), `${code}A`, code.replaceAll(/./g, 'A'), '', '\0'.repeat(16)])
    told.push(await guess(app, { code: wrong, key }, { 'x-forwarded-for': `10.0.0.${told.length}`, 'x-real-ip': `10.0.0.${told.length}` }));
  expect(told).toEqual([
    ...Array.from({ length: 3 }, () => [403, '{"code":"refused"}']),
    [400, '{"code":"bad_request"}'],
    [403, '{"code":"refused"}'],
  ]);
  expect(await guess(app, { code, key }, { 'x-forwarded-for': '10.9.9.9' })).toEqual([429, '{"code":"too_often"}']);
  expect([await keyOf(county), said]).toEqual([null, []]);
});

test('what is no registration is refused before a code is looked at', async () => {
  const county = aCounty(onTestFinished, false);
  const rates = { perMinute: 1_000, enrolmentsPerMinute: 1_000 };
  const app = await countyServer(county, { identity: null, rates, complain: () => {} });
  onTestFinished(() => app.close());
  const code = await codeOf(county);
  const key = aKey();
  for (const wrong of [
    {},
    [],
    null,
    { code },
    { key },
    { code: [code], key },
    { code, key: [key] },
    { code, key, by: 'x' },
    { code, key: `${key}A` },
    { code, key: otherText(key) },
  ])
    expect(await guess(app, wrong)).toEqual([400, '{"code":"bad_request"}']);
  expect(await guess(app, { code: `${code}${' '.repeat(40)}`, key })).toEqual([400, '{"code":"bad_request"}']);
  expect(await keyOf(county)).toBeNull();
});
