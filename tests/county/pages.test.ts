// The clerk's pages asked as a browser asks, and as somebody who is no browser: who gets in, which form counts, what is written down, and
// that no list moves anything before it is sent on.

import { expect, onTestFinished, test } from 'vitest';
import { addAccount } from '../../county/book/import-files.ts';
import { balanceOf, moved } from '../../county/book/ledger.ts';
import { everyKiosk, putMaster } from '../../county/book/master.ts';
import { whatInChinese, whyInChinese } from '../../county/pages/check-words.ts';
import {
  type ClerkRole,
  addClerk,
  addDemoClerks,
  changePassword,
  newRefusals,
  newestActs,
  removeClerk,
} from '../../county/pages/clerks.ts';
import { html } from '../../county/pages/html.ts';
import { whatToDo } from '../../county/pages/inbox.ts';
import { newSessions } from '../../county/pages/sessions.ts';
import { demoNight } from '../../county/serve/demo-night.ts';
import { runNight } from '../../county/serve/nightly.ts';
import { newPresence } from '../../county/server/presence.ts';
import { newSignInTries, openSession, sourceOf } from '../../county/server/sign-in-tries.ts';
import { dayMs } from '../../db/model/time.ts';
import { prepared } from '../../db/sqlite.ts';
import { openDay } from '../support/closing.ts';
import { aCounty, aPair } from '../support/county-book.ts';
import { copyOf, putBackFrom, sendRound } from '../support/county-copies.ts';
import { type CountyShops, aCountyOfShops } from '../support/county-shops.ts';
import { brings, twoDesks } from '../support/disallowing.ts';
import { type Office, office } from '../support/office.ts';
import { takenBack } from '../support/recycling.ts';
import { sell, today } from '../support/sell.ts';
import { awarded, everybody } from '../support/take-backs.ts';
import { award, send } from '../support/used-county.ts';
import { aYearsEnd, lastDay, nextDay } from '../support/years-end.ts';

/** A person with a browser: keeps the cookie, and sends the token of the page it sees. */
interface Person {
  see(path: string): Promise<string>;
  /** Returns the page it leads to. */
  send(path: string, fields: Readonly<Record<string, string>>): Promise<string>;
  upload(path: string, name: string, text: string, fields?: Readonly<Record<string, string>>): Promise<string>;
  readonly cookie: string;
  readonly token: string;
}

async function person({ county, app }: Office, name: string, role: ClerkRole): Promise<Person> {
  const added = await addClerk(county, { name, role });
  if (!added.ok) throw new Error(added.code);
  const form = new URLSearchParams({ name, password: added.value.password }).toString();
  const type = 'application/x-www-form-urlencoded';
  const signedIn = await app.inject({ method: 'POST', url: '/clerk/sign-in', headers: { 'content-type': type }, payload: form });
  expect([signedIn.statusCode, signedIn.headers.location]).toEqual([303, '/clerk/inbox']);
  const set = String(signedIn.headers['set-cookie']);
  expect(set).toMatch(/^__Host-clerk=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  const cookie = set.split(';')[0]!;
  const see = async (path: string): Promise<string> =>
    (await app.inject({ method: 'GET', url: `/clerk/${path}`, headers: { cookie } })).body;
  const token = /name="form" value="([\w-]{43})"/.exec(await see('inbox'))![1]!;
  const follow = async (path: string, headers: Record<string, string>, payload: string): Promise<string> => {
    const {
      statusCode,
      headers: answered,
      body,
    } = await app.inject({ method: 'POST', url: `/clerk/${path}`, headers: { cookie, ...headers }, payload });
    return statusCode === 303 ? see(String(answered.location).replace('/clerk/', '')) : `${statusCode} ${body}`;
  };
  return {
    see,
    cookie,
    token,
    send: (path, fields) => follow(path, { 'content-type': type }, new URLSearchParams({ form: token, ...fields }).toString()),
    upload(path, fileName, text, fields = {}) {
      const parts = Object.entries({ form: token, ...fields }).map(
        ([name, value]) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`,
      );
      parts.push(`Content-Disposition: form-data; name="file"; filename="${fileName}"\r\nContent-Type: text/csv\r\n\r\n${text}`);
      const body = `${parts.map((part) => `--cut\r\n${part}\r\n`).join('')}--cut--\r\n`;
      return follow(path, { 'content-type': 'multipart/form-data; boundary=cut' }, body);
    },
  };
}

const tag = 'A'.repeat(22);
const noticeOf = (page: string): string => /class="notice [^>]*>([^<]*)</.exec(page)?.[1]?.trim() ?? '';

test('who is not signed in sees nothing, and is told nothing of how it is made', async () => {
  const { app } = await office(aCounty(onTestFinished, false));
  for (const path of ['', '/inbox', '/awards', '/residents?account=a1', '/journal', '/password']) {
    const { statusCode, headers } = await app.inject({ method: 'GET', url: `/clerk${path}`, headers: { cookie: '__Host-clerk=wrong' } });
    expect([path, statusCode, headers.location]).toEqual([path, 303, path === '' ? '/clerk/inbox' : '/clerk/sign-in']);
  }
  const page = await app.inject({ method: 'GET', url: '/clerk/sign-in' });
  expect(page.headers).toMatchObject({
    'content-security-policy':
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
  });
  expect(page.body).not.toMatch(/<script|style=|jifen-demo/);
  const lost = await app.inject({ method: 'GET', url: '/clerk/..%2fkeys' });
  expect([lost.statusCode, lost.body.includes('没有这一页')]).toEqual([404, true]);
  const api = JSON.parse((await app.inject({ method: 'GET', url: '/openapi.json' })).body) as { readonly paths: object };
  expect(Object.keys(api.paths).filter((path) => path.includes('clerk'))).toEqual([]);
});

test('a demo offers its three people while they are there with the password that it shows, and nobody whom it does not know', async () => {
  const county = aCounty(onTestFinished);
  const { app } = await office(county);
  const offered = async (): Promise<readonly string[]> =>
    [...(await app.inject({ method: 'GET', url: '/clerk/sign-in' })).body.matchAll(/<button>以(.*?)登录/g)].map(([, name]) => name!);
  expect(await offered()).toEqual([]);
  await addDemoClerks(county);
  expect(await offered()).toEqual(['办事员', '复核员', '监督员']);
  await removeClerk(county, '复核员');
  expect(await offered()).toEqual(['办事员', '监督员']);
  expect((await changePassword(county, { name: '办事员', password: 'another-word-7' })).ok).toBe(true);
  expect(await offered()).toEqual(['监督员']);
});

test('wrong passwords make one wait where they came from, a name that is not there is told the same, and an address may try ten times a minute', async () => {
  const here = await office(aCounty(onTestFinished, false));
  const added = await addClerk(here.county, { name: '次仁', role: 'clerk' });
  if (!added.ok) throw new Error(added.code);
  const tried = async (remoteAddress: string, name: string, password = 'wrong-password'): Promise<unknown> => {
    const payload = new URLSearchParams({ name, password }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { statusCode, body } = await here.app.inject({ method: 'POST', url: '/clerk/sign-in', headers, payload, remoteAddress });
    return [statusCode, noticeOf(body).replace(/\d+/, 'n')];
  };
  for (const [stranger, name] of [
    ['203.0.113.7', '次仁'],
    ['203.0.113.8', 'nobody'],
  ] as const) {
    for (let i = 0; i < 5; i += 1) expect(await tried(stranger, name)).toEqual([401, '姓名或密码不对']);
    for (let i = 0; i < 5; i += 1) expect(await tried(stranger, name)).toEqual([401, '试错太多，请过 n 秒再试']);
    expect(await tried(stranger, name)).toEqual([429, '点得太快，请过一分钟再试。']);
  }
  expect(await tried('192.168.1.20', '次仁', added.value.password)).toEqual([303, '']); // at his own desk
  expect((await here.county.read((db) => newestActs(db, 9))).map(({ name, what }) => [name, what])).toEqual([
    ['次仁', 'sign_in'],
    ['次仁', 'sign_in_refused'],
  ]);
});

test('tries are counted by name and source, a right one ends the count, and no flood of names or addresses takes more than its room', () => {
  const tries = newSignInTries(3);
  const now = { wallMs: 0, monoMs: 0, bootId: 'b' };
  const often = (name: string, source: string): readonly number[] => Array.from({ length: 6 }, () => tries.begin({ name, source }, now));
  expect(often('a', 'x')).toEqual([0, 0, 0, 0, 0, 30_000]);
  expect([tries.begin({ name: 'a', source: 'y' }, now), tries.begin({ name: 'b', source: 'x' }, now)]).toEqual([0, 0]);
  expect(tries.begin({ name: 'a', source: 'x' }, { ...now, monoMs: 30_000 })).toBe(0);
  expect(tries.begin({ name: 'a', source: 'x' }, { ...now, monoMs: 30_000 })).toBe(60_000);
  tries.right({ name: 'a', source: 'x' }, now);
  expect(often('a', 'x')).toEqual([0, 0, 0, 0, 0, 30_000]);
  for (const source of ['1', '2', '3']) tries.begin({ name: 'c', source }, now);
  expect(tries.begin({ name: 'a', source: 'x' }, now)).toBe(0); // the eldest made room
  expect(
    ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', '2001:0db8:0:0:9::', '2001:db8:0:1::1', 'fe80::1%eth0', '::1'].map(sourceOf),
  ).toEqual(['192.0.2.1', '192.0.2.1', '2001:db8:0:0::/64', '2001:db8:0:0::/64', '2001:db8:0:1::/64', 'fe80:0:0:0::/64', '0:0:0:0::/64']);
});

test('a name is tried a hundred times an hour from everywhere that it never signed in; its own desks and open sessions stay free', () => {
  const tries = newSignInTries(10);
  const hourMs = 60 * 60_000;
  const at = (monoMs: number) => ({ wallMs: 0, monoMs, bootId: 'b' });
  const flood = (name: string, monoMs: number): number => {
    for (let i = 0; i < 200; i += 1) if (tries.begin({ name, source: `${monoMs} ${i}` }, at(monoMs)) > 0) return i;
    return 200;
  };
  const desk = { name: 'a', source: 'desk' };
  expect(tries.begin(desk, at(0))).toBe(0);
  tries.right(desk, at(0));
  expect([flood('a', 1), flood('nobody', 1)]).toEqual([100, 100]); // the right one is no wrong one
  for (let i = 0; i < 1_000; i += 1) tries.begin({ name: `n${i}`, source: 'z' }, at(1)); // other names push no count out
  expect(tries.begin({ name: 'a', source: 'new' }, at(2))).toBe(hourMs - 2);
  expect(tries.begin({ name: 'nobody', source: 'new' }, at(2))).toBe(hourMs - 1);
  expect([tries.begin(desk, at(2)), tries.begin({ name: 'a', source: openSession }, at(2))]).toEqual([0, 0]);
  tries.right(desk, at(2));
  expect(tries.begin({ name: 'a', source: 'new' }, at(2))).toBe(hourMs - 2); // nor does the clerk at his desk give them another hundred
  const late = 2 + 30 * dayMs;
  expect([flood('a', hourMs + 1), flood('a', late)]).toEqual([100, 100]);
  expect([tries.begin(desk, at(late - 1)), tries.begin(desk, at(late))]).toEqual([0, hourMs]); // by then it is a source like others
});

test('the journal has the first wrong password of a quarter of an hour at once, and how many more when it is over', async () => {
  const { county } = await aPair(onTestFinished);
  await addClerk(county, { name: '次仁', role: 'clerk' });
  const quarterMs = 15 * 60_000;
  let wallMs = 100 * quarterMs;
  let isFull = false;
  const said: string[] = [];
  const transact: typeof county.transact = (work) => (isFull ? Promise.reject(new Error('full')) : county.transact(work));
  const refusals = newRefusals({ ...county, transact, wallMs: () => wallMs }, (line) => said.push(line));
  const written = async (): Promise<unknown> =>
    (await county.read((db) => newestActs(db, 9))).map(({ what, about, at }) => [what, about, at / quarterMs]);
  for (const name of ['次仁', 'nobody', '次仁', '次仁']) await refusals.add(name);
  await refusals.writeEnded();
  expect(await written()).toEqual([['sign_in_refused', '', 100]]);
  wallMs += quarterMs;
  isFull = true;
  await refusals.writeEnded();
  expect(said).toEqual(['sign_in_refused: Error: full']);
  isFull = false;
  await Promise.all([refusals.writeEnded(), refusals.add('次仁'), refusals.writeEnded()]);
  expect(await written()).toEqual([
    ['sign_in_refused', '', 101],
    ['sign_in_refused', '又 2 次', 100],
    ['sign_in_refused', '', 100],
  ]);
});

test('a form counts only from its own session, from this site, and within its size', async () => {
  const here = await office(aCounty(onTestFinished, false));
  const clerk = await person(here, '次仁', 'clerk');
  expect(noticeOf(await clerk.send('inbox/ask', { form: 'x'.repeat(43) }))).toContain('表单已经过期');
  const headers = { cookie: clerk.cookie, 'content-type': 'application/x-www-form-urlencoded' };
  const payload = `form=${clerk.token}`;
  const from = async (more: Record<string, string>): Promise<number> =>
    (await here.app.inject({ method: 'POST', url: '/clerk/inbox/ask', headers: { ...headers, ...more }, payload })).statusCode;
  expect([
    await from({ 'sec-fetch-site': 'cross-site' }),
    await from({ origin: 'https://evil.example' }),
    await from({ origin: 'null' }),
  ]).toEqual([403, 403, 403]);
  expect(await clerk.send('inbox/ask', { kiosk: 'x'.repeat(70_000) })).toMatch(/^413 [^]*文件太大/);
  const badParts = await here.app.inject({
    method: 'POST',
    url: '/clerk/awards/upload',
    headers: { ...headers, 'content-type': 'multipart/form-data; boundary=a' },
    payload: 'not parts',
  });
  expect(badParts.statusCode).toBe(400);
  const json = await here.app.inject({
    method: 'POST',
    url: '/clerk/inbox/ask',
    headers: { ...headers, 'content-type': 'application/json' },
    payload: '{}',
  });
  expect(json.statusCode).toBe(415);
  const other = await person(here, '央金', 'clerk');
  expect(await other.see('inbox')).toContain('收件');
  await removeClerk(here.county, '央金');
  expect((await here.app.inject({ method: 'GET', url: '/clerk/inbox', headers: { cookie: other.cookie } })).headers.location).toBe(
    '/clerk/sign-in',
  );
  await clerk.send('sign-out', {});
  expect((await here.app.inject({ method: 'GET', url: '/clerk/inbox', headers: { cookie: clerk.cookie } })).statusCode).toBe(303);
  expect(here.said).toEqual([]);
});

test('an award takes two people, each of whom stands in the journal; a list with faults moves nothing', async () => {
  const { county } = await aPair(onTestFinished);
  const here = await office(county);
  const [clerk, releaser] = [await person(here, '次仁', 'clerk'), await person(here, '央金', 'releaser')];
  const header = 'account,points,reason\n';
  expect(await clerk.upload('awards/upload', '<img src=x>.csv', `${header}a9,1,\na1,=2,\n`)).toMatch(
    /&lt;img src=x&gt;\.csv 没有接收，原因在下面[^]*没有账户 a9[^]*像公式开头/,
  );
  expect(await clerk.see('settlements/to-pay.csv')).toBe('\uFEFF店,终端,代次,结算单,金额（元）,日期,流水号\n'); // nothing is to be paid
  const empty = await clerk.upload('awards/upload', 'empty.csv', '');
  expect([noticeOf(empty), empty.includes('没有账户 a9')]).toEqual(['文件是空的', false]);
  expect(noticeOf(await clerk.send('awards/propose', {}))).toContain('没有等待提交的表');
  expect(await clerk.upload('awards/upload', 'list.csv', `${header}a1,12.5,值日\n`)).toContain('1 户，共 12.5 积分');
  expect(noticeOf(await clerk.send('awards/propose', {}))).toBe('第 1 批已提交，等另一个人放行');
  expect(noticeOf(await clerk.send('awards/release', { batch: '1' }))).toBe('您的岗位不能做这一步');
  expect(noticeOf(await releaser.send('awards/propose', {}))).toBe('您的岗位不能做这一步');
  const before = await county.read((db) => balanceOf(db, { account: 'main', holder: 'a1' }));
  const page = await releaser.see('awards?batch=1');
  expect(noticeOf(await releaser.send('awards/release', { batch: '1' }))).toContain('不是您刚才看的那份表');
  expect(noticeOf(await releaser.send('awards/release', listOf(page)))).toBe('第 1 批已放行，下一夜到各店');
  expect((await county.read((db) => balanceOf(db, { account: 'main', holder: 'a1' }))) - before).toBe(1_250);
  expect(noticeOf(await releaser.send('awards/release', { batch: '1' }))).toBe('这一批已经放行过');
  expect((await county.read((db) => newestActs(db, 2))).map(({ name, what, about }) => [name, what, about])).toEqual([
    ['央金', 'release_awards', '第 1 批'],
    ['次仁', 'propose_awards', '第 1 批 1 户 12.5 积分'],
  ]);
  expect(await clerk.see('journal')).toContain('放行赋分');
  expect(await clerk.see('residents?account=a1')).toContain('第 1 批：值日');
  expect(await clerk.upload('awards/upload', 'list.csv', `${header}a1,12.5,值日\n`)).toContain('list.csv：这份表已经作为第 1 批提交过');
  const again = await clerk.upload('awards/upload', 'again.csv', `${header}a1,12.5,值日\n\n`);
  expect(again).toMatch(/与<a href="\/clerk\/awards\?batch=1">第 1 批<\/a>逐户相同（次仁 11-21 09:00\s+提交，事由“值日”）/);
  await clerk.send('awards/propose', {});
  expect(await releaser.see('awards?batch=2')).toMatch(/第 1 批<\/a>逐户相同[^]*放行第 2 批/);
  expect(await clerk.see('residents?q=%3Cb%3E')).toContain('value="&lt;b&gt;"');
  expect(here.said).toEqual([]);
});

test('points of a list are taken back by two people, who both see what that will do; the resident’s statement says why', async () => {
  const { county } = await aPair(onTestFinished);
  const here = await office(county);
  const [clerk, releaser] = [await person(here, '次仁', 'clerk'), await person(here, '央金', 'releaser')];
  await clerk.upload('awards/upload', 'list.csv', 'account,points,reason\na1,1000,值日\n');
  await clerk.send('awards/propose', {});
  expect(noticeOf(await clerk.send('awards/take-back', { batch: '1', reason: '多发了' }))).toBe('这一批还没有全部入账，不能收回');
  await releaser.send('awards/release', listOf(await releaser.see('awards?batch=1')));
  expect(await releaser.see('awards?batch=1')).not.toContain('提交收回');
  expect(await clerk.see('awards?batch=1')).toContain('提交收回');
  const typed = await clerk.send('awards/take-back', { batch: '1', account: 'a2', points: '9', reason: '多发了' });
  expect(noticeOf(typed)).toBe('没有提交：这一批里没有账户 a2');
  expect(typed).toMatch(/name="points" value="9"[^]*name="account" value="a2"[^]*name="reason" value="多发了"/);
  const listed = await clerk.upload('awards/take-back', 'back.csv', 'account,points\na1,1\na2,9\n', { batch: '1', reason: '多发了' });
  expect(noticeOf(listed)).toBe('没有提交：第 3 行 这一批里没有账户 a2'); // as the spreadsheet counts
  expect(listed).toContain('name="reason" value=""'); // a list is chosen anew: whoever sent this form again would take the whole batch back
  expect(noticeOf(await clerk.send('awards/take-back', { batch: '1', points: '900' }))).toContain('请写清原因');
  const mine = await clerk.send('awards/take-back', { batch: '1', points: '900', reason: '<b>多发了' });
  expect(noticeOf(mine)).toContain('收回第 1 号已提交，还没有收');
  expect(mine).toMatch(/<b>900<\/b>积分没分配，当时收回[^]*&lt;b&gt;多发了|&lt;b&gt;多发了[^]*<b>900<\/b>积分没分配，当时收回/);
  expect(await releaser.see('awards')).toContain('等待放行的收回');
  const [, list = ''] = /name="list" value="([\w-]{43})"/.exec(await releaser.see('awards?back=1')) ?? [];
  expect(noticeOf(await releaser.send('awards/take-back/release', { number: '1' }))).toContain('不是您刚才看的那一份');
  const before = await county.read((db) => balanceOf(db, { account: 'main', holder: 'a1' }));
  expect(noticeOf(await releaser.send('awards/take-back/release', { number: '1', list }))).toContain('收回第 1 号已放行');
  expect((await county.read((db) => balanceOf(db, { account: 'main', holder: 'a1' }))) - before).toBe(-90_000);
  expect((await county.read((db) => newestActs(db, 2))).map(({ name, what, about }) => [name, what, about])).toEqual([
    ['央金', 'release_take_back', '第 1 号'],
    ['次仁', 'propose_take_back', '第 1 号，赋分第 1 批 1 户 900 积分'],
  ]);
  expect(await clerk.see('residents?account=a1')).toMatch(/收回赋分[^]*第 1 批：&lt;b&gt;多发了/);
  expect(await clerk.see('awards?back=1')).toMatch(/<span class="state good">已收回<\/span>\s+央金/);
  await county.transact((act) => {
    act.enter('take_back', '1 a1 1 多发了');
    act.post(moved({ account: 'due', holder: 'a1' }, { account: 'issuance' }, 12_000));
    act.post(moved({ account: 'overdraft', holder: 'a1' }, { account: 'issuance' }, 750));
  });
  expect(await clerk.see('awards?batch=1')).toMatch(/正在收回<\/span>\s+收回 772\.5，正在向店里要 120，欠 7\.5；\s+央金/);
  expect(await clerk.see('awards?back=9')).toContain('没有这一号');
  expect(here.said).toEqual([]);
});

test('a disputed credit leads to the form that takes its points back, by two people, and the resident’s statement names the ticket', async () => {
  const shops = await twoDesks(onTestFinished);
  const { county } = shops;
  const credit = brings(shops, 'qj-03', '1');
  expect(shops.spend('qj-03', 'a1', 600)).toEqual({ fromRights: 600, fromRoaming: 0 });
  expect(takenBack(shops.shop('qj-03').book, credit)).toBe('disputed');
  await everybody(shops);
  const here = await office(county);
  const [clerk, releaser] = [await person(here, '次仁', 'clerk'), await person(here, '央金', 'releaser')];
  const ticket = credit.body.ticketNumber;
  const link = `/clerk/exceptions?ticket=${ticket}#disallow`;
  expect(await clerk.see('exceptions')).toContain(`<a href="${link}">不认这笔，收回它的积分</a>`);
  expect(await releaser.see('exceptions')).not.toContain(link);
  expect(await clerk.see(`exceptions?ticket=${ticket}`)).toContain(`name="ticket" value="${ticket}"`);
  const [, number] = /id="text-(\d+)"/.exec(await clerk.see('exceptions'))!;
  const short = await clerk.send('exceptions/answer', { number: number!, text: '<b>' });
  expect(noticeOf(short)).toBe('请写明怎么处理的（4 到 1000 字）');
  expect(short).toMatch(new RegExp(`<textarea id="text-${number}"[^>]*>\n&lt;b&gt;</textarea`)); // of which a browser drops the first line
  const propose = (of: Readonly<Record<string, string>>): Promise<string> =>
    clerk.send('exceptions/disallow', { ticket, reason: '称重<b>造假', ...of });
  const refused = await propose({ points: '一百' });
  expect(noticeOf(refused)).toBe('“一百”不是积分数（如 12 或 12.50）');
  expect(refused).toMatch(/name="points" value="一百"[^]*name="reason" value="称重&lt;b&gt;造假"/);
  expect(await clerk.see('exceptions')).not.toContain('一百'); // once
  expect(noticeOf(await propose({ points: '11' }))).toBe(`没有提交：要收 11 积分：凭条 ${ticket} 只剩 10 积分`);
  expect(noticeOf(await propose({ ticket: '<i>' }))).toBe('没有提交：县里没有编号是“&lt;i&gt;”的回收凭条');
  expect(noticeOf(await propose({ reason: ' ' }))).toContain('请写清原因');
  await propose({ points: '4' });
  expect(noticeOf(await clerk.send('exceptions/disallow/withdraw', { number: '1' }))).toBe('收回回收积分第 1 号已撤回，不会再放行');
  const mine = await propose({});
  expect(noticeOf(mine)).toBe('收回回收积分第 2 号已提交，还没有收：请核对，等另一个人放行');
  expect(mine).toMatch(/称重&lt;b&gt;造假[^]*<b>4<\/b>积分在归属店[^]*<b>6<\/b>积分可能已经用掉/);
  expect(noticeOf(await releaser.send('exceptions/disallow/release', { number: '2' }))).toContain('不是您刚才看的那一份');
  const shown = await releaser.see('exceptions?disallow=2');
  expect(shown).toMatch(new RegExp(`<td>${ticket}</td>[^]*>a1<[^]*放行收回回收积分第 2 号`));
  const [, list = ''] = /name="list" value="([\w-]{43})"/.exec(shown) ?? [];
  expect(noticeOf(await releaser.send('exceptions/disallow/release', { number: '2', list }))).toContain('收回回收积分第 2 号已放行');
  expect(await clerk.see('exceptions')).toMatch(/第 2 号[^]*正在收回[^]*第 1 号[^]*已撤回/);
  expect(await clerk.see('residents?account=a1')).toContain(`回收凭条 ${ticket}：称重&lt;b&gt;造假`);
  expect(await clerk.see('journal')).toMatch(/放行收回回收积分[^]*撤回收回回收积分[^]*提交收回回收积分/);
  expect(here.said).toEqual([]);
});

test('points expire by two people, who see who is left out and why; the resident’s statement says since when', async () => {
  const { shops, newYear } = await aYearsEnd(onTestFinished);
  const { county } = shops;
  await awarded(county, { a1: 100, a2: 50 });
  await everybody(shops);
  await newYear('qj-03');
  const here = await office(county);
  const [clerk, releaser] = [await person(here, '次仁', 'clerk'), await person(here, '央金', 'releaser')];
  expect(await clerk.see('awards')).toContain('<a href="/clerk/awards?expiry">');
  expect(await releaser.see('awards?expiry')).not.toContain('计算并提交');
  expect(await clerk.see('awards?expiry')).toContain('name="through" type="date" value="2025-12-31"');
  const propose = (through: string, reason = '年度<b>到期'): Promise<string> => clerk.send('awards/expiry', { through, reason });
  expect(noticeOf(await propose('2026-11-22'))).toBe('截至的那一天要已经过去：最晚 2026-11-21');
  expect(noticeOf(await propose(lastDay, ' '))).toContain('请写清原因');
  expect(noticeOf(await propose(lastDay))).toMatch(
    /^没有提交：截至 2026-11-21 没用完的有 2 户 150 积分，但 qj-04 还没有上传.+不再回来的，先请技术人员放弃（release-kiosk）/,
  );
  await county.transact(({ db }) => prepared(db, `DELETE FROM roam_line WHERE account = 'a2'`).run());
  const mine = await propose(lastDay);
  expect(noticeOf(mine)).toBe('积分到期第 1 号已提交，还没有到期：请核对，等另一个人放行');
  expect(mine).toMatch(/年度&lt;b&gt;到期[^]*<b>1<\/b>户[^]*<b>100<\/b>积分本来到期[^]*qj-04\s*<\/th>[^]*最多欠他到期的那么多/);
  expect(mine).toMatch(/不再回来的，先请技术人员放弃（release-kiosk）。现在还没有上传到那一天以后的店：qj-04。/);
  expect(await releaser.see('awards')).toContain('2026-11-21');
  const [, list = ''] = /name="list" value="([\w-]{43})"/.exec(await releaser.see('awards?expiry=1')) ?? [];
  expect(noticeOf(await clerk.send('awards/expiry/release', { number: '1', list }))).toBe('您的岗位不能做这一步');
  expect(shops.spend('qj-03', 'a2', 1_000, nextDay)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  await sendRound(shops, 'qj-03');
  expect(noticeOf(await releaser.send('awards/expiry/release', { number: '1', list }))).toContain('积分到期第 1 号已放行');
  expect(await clerk.see('awards?expiry=1')).toContain('放行时实际到期 1 户 40 积分');
  expect(await clerk.see('awards?expiry')).toMatch(/正在收回<\/span>\s+收回 0，正在向店里要 40，欠 0；\s+央金/);
  expect(await clerk.see('residents?account=a2')).toMatch(/积分到期[^]*截至 2026-11-21：年度&lt;b&gt;到期/);
  expect(await clerk.see('journal')).toMatch(/放行积分到期[^]*提交积分到期[^]*截至 2026-11-21/);
  expect(here.said).toEqual([]);
});

test('a number that is a receipt’s and an account’s finds both', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  openDay(kiosk.book, today);
  sell(kiosk.book, { resident: '1', goods: [['1', 1]], chosenPoints: 0 });
  await send(county, kiosk);
  await county.transact((act) => {
    const entry = act.enter('residents', 'test');
    const accountId = 'qj-03-000001';
    const resident = {
      id: '77',
      accountId,
      name: '斯朗拉姆',
      group: 'villager',
      village: '加麻乡',
      language: 'zh',
      tag,
      active: true,
    } as const;
    addAccount(act, { account: resident.accountId, home: 'qj-04', isActive: true });
    putMaster(act, { t: 'RESIDENT', resident }, { scope: everyKiosk, entry });
  });
  const page = await (await person(await office(county), '次仁', 'clerk')).see('residents?q=qj-03-000001');
  expect([page.includes('斯朗拉姆'), page.includes('account=qj-03-000001'), page.includes('account=a1')]).toEqual([true, true, true]);
});

test('who releases sees the rows of the kept list, as text, above the button; proposer or releaser withdraws it', async () => {
  const { county } = await aPair(onTestFinished);
  await county.transact((act) => {
    const entry = act.enter('residents', 'test');
    for (let i = 1; i <= 202; i += 1) addAccount(act, { account: `h${i}`, home: 'qj-04', isActive: true });
    const resident = {
      id: '77',
      accountId: 'h1',
      name: '格桑卓玛',
      group: 'villager',
      village: '白日',
      language: 'zh',
      tag,
      active: true,
    } as const;
    putMaster(act, { t: 'RESIDENT', resident }, { scope: everyKiosk, entry });
  });
  const here = await office(county);
  const [clerk, other] = [await person(here, '次仁', 'clerk'), await person(here, '边巴', 'clerk')];
  const releaser = await person(here, '央金', 'releaser');
  const rows = Array.from({ length: 202 }, (_, i) => `h${i + 1},1.5,<b>值日</b>`);
  const preview = await clerk.upload('awards/upload', 'list.csv', `account,points,reason\n${rows.join('\n')}\n`);
  await clerk.send('awards/propose', {});
  const shown = await releaser.see('awards?batch=1');
  for (const each of [preview, shown]) {
    expect(rowsOf(each)).toHaveLength(200);
    expect([rowsOf(each)[0], rowsOf(each)[199]]).toEqual([
      ['h1', '格桑卓玛', '1.5', '&lt;b&gt;值日&lt;/b&gt;'],
      ['h200', '—', '1.5', '&lt;b&gt;值日&lt;/b&gt;'],
    ]);
    expect(each).toContain('还有 2 户没有显示');
  }
  expect(shown).toMatch(/<b>202<\/b>户[^]*<b>303<\/b>积分[^]*次仁<\/b>\d\d-\d\d \d\d:\d\d 提交[^]*>h200<[^]*放行第 1 批/);
  expect((await clerk.see('awards?batch=1')).match(/(放行|撤回)第 1 批/g)).toEqual(['撤回第 1 批']);
  expect((await other.see('awards?batch=1')).match(/(放行|撤回)第 1 批/g)).toBeNull();
  expect(noticeOf(await other.send('awards/withdraw', { batch: '1' }))).toBe('只有提交的人或复核能撤回这一批');
  expect(noticeOf(await clerk.send('awards/withdraw', { batch: '1' }))).toBe('第 1 批已撤回，不会再放行');
  expect(noticeOf(await releaser.send('awards/release', listOf(shown)))).toBe('这一批已经撤回，不能放行');
  expect(await releaser.see('awards?batch=1')).not.toContain('放行第 1 批');
  for (const none of ['9', 'x', '1e0', '']) expect(noticeOf(await releaser.see(`awards?batch=${none}`))).toBe('没有这一批');

  await clerk.upload('awards/upload', 'list.csv', 'account,points,reason\nh2,3,值日\n');
  await clerk.send('awards/propose', {});
  const second = listOf(await releaser.see('awards?batch=2'));
  expect(noticeOf(await releaser.send('awards/release', { ...second, list: listOf(shown).list }))).toContain('不是您刚才看的那份表');
  expect(noticeOf(await releaser.send('awards/withdraw', { batch: '2' }))).toBe('第 2 批已撤回，不会再放行');
  expect((await county.read((db) => newestActs(db, 1))).map(({ name, what, about }) => [name, what, about])).toEqual([
    ['央金', 'withdraw_awards', '第 2 批'],
  ]);
  expect(await county.read((db) => balanceOf(db, { account: 'main', holder: 'h2' }))).toBe(0);
  expect(here.said).toEqual([]);
});

test('a page shows how far a long list is, in Chinese, and asks again by itself', async () => {
  const { county } = await aPair(onTestFinished);
  const here = await office(county);
  const [clerk, releaser] = [await person(here, '次仁', 'clerk'), await person(here, '央金', 'releaser')];
  const isAgain = (page: string): boolean => page.includes('<meta http-equiv="refresh"');
  expect(isAgain(await clerk.see('awards'))).toBe(false);
  await county.transact(({ db }) =>
    db.exec(`INSERT INTO award_batch (id, sha256, rows, points, proposed_by, at) VALUES (1, 'sha', 600000, 9, '次仁', 1);
      INSERT INTO award_releasing (batch, released_by, at, rows, points) VALUES (1, '央金', 1, 4000, 5)`),
  );
  for (const path of ['awards?batch=1', 'awards']) {
    const page = await clerk.see(path);
    expect([isAgain(page), page.includes('正在入账')]).toEqual([true, true]);
  }
  expect(await clerk.see('awards?batch=1')).toContain('<progress max="600000" value="4000"></progress> 4,000 / 600,000 行');
  expect(tableAfter(await clerk.see('awards'), '已放行和已撤回的批次')).toEqual([
    expect.stringMatching(/^第 1 批 600,000 0.09 次仁 正在入账 已入 4,000 户，央金 /),
  ]);
  expect(noticeOf(await clerk.send('awards/withdraw', { batch: '1' }))).toBe('这一批已经放行，不能撤回');
  expect(noticeOf(await releaser.send('awards/release', { batch: '1' }))).toBe('这一批已经放行过');
  expect(here.said).toEqual([]);
});

/** What the release button of a batch's page sends. */
function listOf(page: string): { readonly batch: string; readonly list: string } {
  const [, batch = '', list = ''] = /name="batch" value="(\d+)" \/><input type="hidden" name="list" value="([\w-]{43})"/.exec(page) ?? [];
  return { batch, list };
}

/** The cells of the awards on a page, as they stand in its HTML. */
function rowsOf(page: string): readonly (readonly string[])[] {
  const body = /逐户明细[^]*?<tbody>([^]*?)<\/tbody>/.exec(page)?.[1] ?? '';
  return body
    .split('</tr>')
    .slice(0, -1)
    .map((row) => [...row.matchAll(/<t[hd][^>]*>([^]*?)<\/t[hd]>/g)].map(([, cell]) => cell!));
}

test('the check’s reasons are told in Chinese with points and yuan as people write them, and what is not known as it was said', () => {
  const told = [
    '0 of 9290 fen are paid',
    '1000 of 9290 fen are paid',
    '3000 by files and vouchers that it has not applied',
    '5050 funded that it has not heard of, 0 came back after',
    '5050 funded that it has not heard of, 30 came back after',
    "the county's own days make 92900 points and 9290 fen; raised as settlement_differs",
    'what it forgot: its settlement 3 has it',
    "redeemed by the county's postings 1250, by the kiosk's slip 1200",
    "worth by the county's events 1250 fen, by the kiosk's slip 1200",
    'file 1/7 waits for one before it: 6',
    'its bytes are not those that were signed: unreadable',
    'something new',
  ];
  expect(told.map(whyInChinese)).toEqual([
    '应付 92.90 元，等银行付款',
    '应付 92.90 元，已付 10.00 元',
    '县里已发 30 积分，终端还没回话说用上了',
    '县里已补 50.5 积分，终端还没回话说知道了',
    '县里已补 50.5 积分，终端还没回话说知道了；之后退回 0.3 积分',
    '按县账各天算是 929 积分 92.90 元，已记为异常',
    '终端忘掉的那一段，已在结算单第 3 号里',
    '兑换的积分：县账 12.5 积分，终端的日结单 12 积分',
    '折合的钱：县账 12.50 元，终端的日结单 12.00 元',
    '第 7 号文件在等前面缺的那份',
    '县里存的这份文件不见了，或读不出来：请技术人员从备份或店里拷来',
    'something new',
  ]);
  expect(['day 2 of 2026-11-23', 'settlement 1', 'roaming', 'county batch 4', 'file 9', 'else'].map(whatInChinese)).toEqual([
    '2026-11-23 的日结（第 2 次）',
    '结算单第 1 号',
    '漫游待补',
    '县补结第 4 批',
    '第 9 号文件',
    'else',
  ]);
});

test('what is put into a page is text, whatever it says', () => {
  expect(html`<p title="${'"x\''}">${'<a>&'}${null}${[html`<b>${1}</b>`, '<i>']}</p>`.text).toBe(
    '<p title="&quot;x&#39;">&lt;a&gt;&amp;<b>1</b>&lt;i&gt;</p>',
  );
});

test('a session ends when nobody asks for twenty minutes, and after half a day', () => {
  let mono = 0;
  const sessions = newSessions(() => mono);
  const clerk = { name: '次仁', role: 'clerk' } as const;
  const token = sessions.begin(clerk, 'x');
  for (let i = 0; i < 36; i += 1) {
    mono += 20 * 60_000;
    expect(sessions.find(token)?.clerk).toEqual(clerk);
  }
  mono += 1;
  expect(sessions.find(token)).toBeNull();
  const other = sessions.begin(clerk, 'x');
  mono += 20 * 60_000 + 1;
  expect([sessions.find(other), sessions.find(null), sessions.find('x')]).toEqual([null, null, null]);
});

test.each([
  [{ state: 'quarantined' as const }, 'bad', '已隔离'],
  [{ isUnheard: true }, 'bad', '县账放回后还没联系上'],
  [{ waiting: 2, missing: 4 }, 'bad', '缺第 4 号文件，后面 2 份在等'],
  [{ receivedAt: null }, 'late', '还没收到过文件'],
  [{ state: 'expected' as const, receivedAt: null }, 'late', '按“现在上传”'],
  [{ state: 'expected' as const, receivedAt: null, isEnrolled: false }, 'late', '先用一次性登记码登记'],
  [{ receivedAt: -8 * dayMs }, 'bad', '一周没有消息'],
  [{ receivedAt: -2 * dayMs }, 'late', '昨夜没有来'],
  [{ exceptions: 3 }, 'late', '有 3 项异常'],
  [{}, 'good', '没有要做的'],
  [{ state: 'expected' as const, receivedAt: null, isEnrolled: false }, 'late', '登记码登记'],
])('a kiosk with %j is %s', (change, state, text) => {
  const row = {
    kiosk: 'k',
    state: 'active' as const,
    receivedAt: 0,
    waiting: 0,
    missing: null,
    exceptions: 0,
    isUnheard: false,
    isEnrolled: true,
    ...change,
  };
  const judged = whatToDo(row, 0);
  expect([judged.state, judged.text]).toEqual([state, expect.stringContaining(text)]);
  if (row.state !== 'active' && row.receivedAt === null) expect(whatToDo(row, 0, true).text).toMatch(/^已联网，还没送来过文件/);
});

const bothShops = ['qj-03', 'qj-04'] as const;

async function wholeNight(shops: CountyShops): Promise<void> {
  for (const kiosk of bothShops) await sendRound(shops, kiosk);
  await runNight(shops.county);
  for (const kiosk of bothShops) await shops.hear(kiosk);
}

/** The rows of the first table after these words, their cells as text. */
function tableAfter(page: string, words: string): readonly string[] {
  const body = /<tbody>([^]*?)<\/tbody>/.exec(page.slice(page.indexOf(words)))![1]!;
  return [...body.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row]) =>
    row!
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\d\d-\d\d \d\d:\d\d(:\d\d)?/g, 'then')
      .trim()
      .replaceAll(/\s+/g, ' '),
  );
}

test('a book that was put back says so: the nights that it lost, what was taken up, whose files wait, and why no root is signed', async () => {
  const before = await aCountyOfShops(onTestFinished, {
    kiosks: [...bothShops],
    homes: { a1: 'qj-03' },
    roamAt: ['qj-04'],
    roamCap: 5_000,
  });
  await before.award('a1', 10_000);
  await wholeNight(before);
  const copy = await copyOf(onTestFinished, before);
  expect(before.spend('qj-03', 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  await wholeNight(before);
  const { shops } = await putBackFrom(onTestFinished, before, { copy, kiosks: bothShops });
  const here = await office(shops.county);
  const clerk = await person(here, '次仁', 'clerk');
  const lost = await clerk.see('night');
  expect(tableAfter(lost, '最近几夜')).toEqual([
    '县账放回 then 县账从备份放回，回到 then 为止的账。按留下的文件，这以后有 1 天过的夜丢了：2026-11-21。补收了终端文件的店：白日社区文明超市、白日社区文明超市。 — 补记 2 份',
    '2026-11-21 约 then 放回时丢了 这一天过的夜不在账里；发下去的文件还在，已经补记。那时店里送来的，算在上面补收的里面。 — 补记 2 份',
    '2026-11-21 then 白日社区文明超市、白日社区文明超市 4', // and the kiosks' first files
  ]);
  expect(tableAfter(lost, '暂时不给文件的店')).toEqual([
    expect.stringMatching(/^县账从备份放回以后，还没有收到它的文件 2 白日社区文明超市、白日社区文明超市 请店里上传/),
  ]);
  expect(noticeOf(lost)).toMatch(/^每天的日志根现在不签：县账从备份放回以后，还有 2 家店没有联系上/);
  const inbox = await clerk.see('inbox');
  expect([noticeOf(inbox), inbox.match(/县账放回后还没联系上/g)]).toEqual([noticeOf(lost), Array(2).fill('县账放回后还没联系上')]);
  expect(tableAfter(await clerk.see('journal'), '操作记录').slice(1)).toEqual([
    'then 命令 put-back 放回后补收 终端文件 2 份、下行文件 2 份、赋分表 0 份',
    expect.stringMatching(/^then 命令 put-back 县账从备份放回 回到县账第 \d+ 条为止，备份 540525-\S+\.countybook；那以后的操作记录也丢了$/),
  ]);

  const fault = (error: unknown): never => {
    throw error;
  };
  const night = demoNight(shops.county, { presence: newPresence(() => 0), monoMs: () => 0, log: () => {}, fault });
  shops.spend('qj-04', 'a1', 500);
  await sendRound(shops, 'qj-04');
  night.press();
  await expect.poll(() => night.state()?.kind, { timeout: 50_000 }).toBe('done');
  expect(night.state()).toMatchObject({ kind: 'done', since: 'put_back', moved: { up: [{ kiosk: 'qj-04', sales: 1, redeemed: 500 }] } });
  await sendRound(shops, 'qj-03');
  await runNight(shops.county);
  const heard = await clerk.see('night');
  expect([heard.includes('日志根现在不签'), heard.includes('暂时不给文件的店')]).toEqual([false, false]);
  await shops.county.transact(({ db }) => void prepared(db, `UPDATE kiosk SET state = 'quarantined' WHERE kiosk = 'qj-04'`).run());
  expect(tableAfter(await clerk.see('night'), '暂时不给文件的店')).toEqual([
    expect.stringMatching(/^同一终端来了两段历史，已隔离，送来的先不入账 1 白日社区文明超市 监督员先处理异常/),
  ]);
  expect(here.said).toEqual([]);
});

test('the county’s exposure names what home shops are to give back and what residents owe, both against the bound', async () => {
  const { county } = await aPair(onTestFinished);
  await county.transact((act) => {
    act.enter('ask', 'a2');
    for (const [account, amount] of [
      ['due', 3_000],
      ['overdraft', 1_250],
    ] as const)
      act.post(moved({ account, holder: 'a2', at: 'qj-03' }, { account: 'red', at: 'qj-03' }, amount));
    act.post(moved({ account: 'overdraft', holder: 'a2' }, { account: 'issuance' }, 700)); // taken back of an award: on no line
  });
  const page = await (await person(await office(county), '次仁', 'clerk')).see('exposure');
  expect(page).toMatch(
    /<b>30<\/b>积分漫游待补[^]*<b>12\.5<\/b>积分漫游透支，居民欠的[^]*<b>7<\/b>积分收回透支，居民欠的[^]*<b>50<\/b>积分，公布的上限[^]*漫游待补与漫游透支合计 42\.5\s+积分，是上限的\s+85%/,
  );
  expect(page).toMatch(/收回和到期的积分：0 积分正在向各店要回；<b>7<\/b>\s+积分已经用掉/);
});

test('what the county advanced is written off by two people on its page, once nothing that shops still send may repay it', async () => {
  const before = await aCountyOfShops(onTestFinished, { kiosks: [...bothShops], homes: { a1: 'qj-03' }, roamAt: [], roamCap: 0 });
  await award(before.county, 'a1,100\n');
  for (let n = 0; n < 2; n += 1) await wholeNight(before);
  const copy = await copyOf(onTestFinished, before);
  await award(before.county, 'a1,25\n');
  for (let n = 0; n < 2; n += 1) await wholeNight(before);
  const { shops } = await putBackFrom(onTestFinished, before, { copy, kiosks: bothShops, without: ['awards'] });
  const here = await office(shops.county);
  const [clerk, releaser] = [await person(here, '次仁', 'clerk'), await person(here, '央金', 'releaser')];
  expect(tableAfter(await clerk.see('exposure'), '县里先垫的积分')).toEqual(['白日社区文明超市 qj-03 1 25 0 — 明细']);
  const propose = (): Promise<string> => clerk.send('exposure/write-off', { kiosk: 'qj-03', account: '' });
  expect(noticeOf(await propose())).toMatch(/^没有核销：这些店可能还有县账放回以前的文件要送.+：白日社区文明超市、白日社区文明超市。/);
  for (let n = 0; n < 2; n += 1) await wholeNight(shops);
  await award(shops.county, 'a1,5\n');
  await wholeNight(shops);
  const mistyped = await clerk.send('exposure/write-off', { kiosk: 'qj-03', account: 'a<1' });
  expect(noticeOf(mistyped)).toBe('那里没有先垫的积分，或已经核销过');
  expect(mistyped).toContain('name="account" value="a&lt;1"'); // empty it would stand for the whole shop, and one more press propose that
  const proposed = await propose();
  expect(noticeOf(proposed)).toBe('核销第 1 号已提交，还没有核销：等另一个人放行');
  expect([proposed.includes('放行核销第 1 号'), tableAfter(proposed, '逐户')]).toEqual([false, ['a1 20 5']]);
  expect(noticeOf(await clerk.send('exposure/release-write-off', { number: '1' }))).toBe('您的岗位不能做这一步');
  const shown = await releaser.see('exposure?advances=qj-03');
  expect(shown).toMatch(/县里承担 20\s+积分，还给居民 5 积分/);
  expect(noticeOf(await releaser.send('exposure/release-write-off', { number: '1', shown: 'a1 1 1' }))).toContain('没有放行');
  const seen = { shown: /name="shown" value="([^"]*)"/.exec(shown)![1]! };
  for (const account of ['', 'a1'])
    expect(noticeOf(await clerk.send('exposure/write-off', { kiosk: 'qj-03', account }))).toContain('已有一份在等放行');
  const other = await person(here, '扎西', 'clerk');
  const [theirs, own] = [
    await other.send('exposure/withdraw-write-off', { number: '1' }),
    await clerk.send('exposure/withdraw-write-off', { number: '1' }),
  ];
  await propose(); // number 3: the withdrawal is one
  expect([noticeOf(theirs), noticeOf(own)]).toEqual(['只有提交的人或复核能撤回这一份', '核销第 1 号已撤回，不会再放行']);
  expect([theirs.includes('撤回核销'), own.includes('核销第 1 号，')]).toEqual([false, false]);
  expect(noticeOf(await releaser.send('exposure/release-write-off', { number: '1', ...seen }))).toBe('没有这一号在等放行');
  const released = await releaser.send('exposure/release-write-off', { number: '3', ...seen });
  expect(noticeOf(released)).toMatch(/^核销第 3 号已放行/);
  expect(released).toContain('这家店没有先垫的积分，或已经核销');
  expect(released).toMatch(/核销第 3 号，全部户：次仁 提交，央金\s+11-21 09:\d\d\s+放行/);
  expect(tableAfter(await clerk.see('exposure'), '县里先垫的积分')).toEqual(['白日社区文明超市 qj-03 0 0 0 已核销 明细']);
  expect(tableAfter(await clerk.see('journal'), '操作记录').slice(0, 4)).toEqual([
    'then 央金 放行核销先垫的积分 第 3 号，终端 qj-03',
    'then 次仁 提交核销先垫的积分 第 3 号，终端 qj-03',
    'then 次仁 撤回核销先垫的积分 第 1 号，终端 qj-03',
    'then 扎西 登录',
  ]);
  await wholeNight(shops);
  expect(await shops.at('a1')).toMatchObject({ rights: { 'qj-03': 13_000 } });
  expect(here.said).toEqual([]);
});
