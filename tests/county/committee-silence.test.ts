// A committee that signs nothing for more than a week is told of: on the page where clerks begin, and as an exception of its own.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nameCommittee } from '../../county/book/committee.ts';
import { committeeSilence, raiseSilence } from '../../county/book/committee-silence.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { runLogCommand } from '../../county/log/commands.ts';
import { makeCommitteeKey, parseVerifierKey } from '../../county/log/committee-key.ts';
import { appendEntry } from '../../county/log/log.ts';
import { sealDay } from '../../county/log/steps.ts';
import { inboxPage } from '../../county/pages/inbox.ts';
import { newPresence } from '../../county/server/presence.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { aCounty } from '../support/county-book.ts';
import { morning, temporary } from '../support/county.ts';

/** The county so many days after the test's first. */
function on(county: CountyBook, day: number): CountyBook {
  return { ...county, wallMs: () => morning + day * dayMs };
}

/** Something is logged that day, and its root is signed by the county. */
async function aDay(county: CountyBook, day: number): Promise<void> {
  await county.transact(({ db }) => appendEntry(db, { t: 'AWARDS', batch: day + 1, rows: 1, points: 1, sha256: 'A'.repeat(43) }));
  expect(await sealDay(county, dayOf(day))).toMatchObject({ ok: true });
}

const dayOf = (day: number): string => businessDate(morning + day * dayMs);
const silenceOn = (county: CountyBook, day: number) => county.read((db) => committeeSilence(db, morning + day * dayMs));

async function inboxOn(county: CountyBook, day: number): Promise<string> {
  const monoMs = (): number => 0;
  const desk = { book: on(county, day), presence: newPresence(monoMs), demoNight: null, nextNight: () => morning, monoMs };
  const session = {
    clerk: { name: '次仁', role: 'clerk', isActive: true },
    standing: null,
    formToken: '',
    notice: null,
    typed: null,
    draft: null,
  } as const;
  const { body } = await inboxPage.show(desk, { session, query: new URLSearchParams() });
  return body.text;
}

test('more than a week after the oldest root that waits for it a committee is silent; what it signs ends that', async () => {
  const county = aCounty(onTestFinished);
  const stick = join(temporary(onTestFinished), 'stick');
  mkdirSync(stick, { recursive: true });
  const { secret, verifier } = makeCommitteeKey('committee');
  writeFileSync(join(stick, 'key'), `${secret}\n`);
  await aDay(county, -30);
  expect(await silenceOn(county, 0)).toBeNull(); // nobody is there to sign
  expect(await nameCommittee(county, { key: parseVerifierKey(verifier)!, word: '', by: '扎西' })).toEqual({ ok: true, value: null });
  expect(await silenceOn(county, 60)).toBeNull(); // nothing of its time is there to sign
  await aDay(county, 1);
  await aDay(county, 5);
  expect(await silenceOn(county, 8)).toBeNull();
  expect(await silenceOn(county, 9)).toEqual({ signedDay: null, sinceDay: dayOf(1), days: 8 });
  const terminal = { say: () => {}, complain: () => {} };
  expect(runLogCommand(['cosign', '--data', county.folder.directory, '--key', join(stick, 'key')], terminal)).toBe(0);
  await aDay(county, 10);
  expect(await silenceOn(county, 17)).toBeNull();
  expect(await silenceOn(county, 18)).toEqual({ signedDay: dayOf(5), sinceDay: dayOf(10), days: 8 });
  expect(await inboxOn(county, 17)).not.toContain('监督委员会');
  expect(await inboxOn(county, 18)).toContain(
    `监督委员会已有 8 天没有在县里的日志根上签名（最近签的是 ${dayOf(5)} 的根）：请监督委员会拿密钥来签。`,
  );
  for (const day of [17, 18, 19]) await raiseSilence(on(county, day));
  const raised = { code: 'committee_silent', owner: 'committee', kiosk: '' };
  const [first, ...others] = await county.read(openExceptions);
  expect([first, others]).toEqual([
    expect.objectContaining({
      ...raised,
      detail: `the committee signed last the root of ${dayOf(5)}; for 8 days one of ${dayOf(10)} waits`,
    }),
    [],
  ]);
  await answerException(on(county, 20), { number: first!.number, by: '委员', text: '周五来签' });
  await raiseSilence(on(county, 26));
  expect(await county.read(openExceptions)).toEqual([]);
  await raiseSilence(on(county, 27));
  expect(await county.read(openExceptions)).toMatchObject([raised]);
});
