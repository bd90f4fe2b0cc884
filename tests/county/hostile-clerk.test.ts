// The clerk's pages attacked from within the office: stolen, old and foreign cookies, forms of another session or none, people who press what
// is not theirs, a list that is swapped under an open page, and words that would be a script if a page believed them.

import { expect, onTestFinished, test } from 'vitest';
import { raiseException } from '../../county/book/exceptions.ts';
import { addAccount } from '../../county/book/import-files.ts';
import { everyKiosk, putMaster } from '../../county/book/master.ts';
import { type ClerkRole, addClerk, changePassword, clerkRoles, removeClerk, resetClerk, writeAct } from '../../county/pages/clerks.ts';
import { aCounty, aPair, dumpCounty } from '../support/county-book.ts';
import { shop } from '../support/county.ts';
import { type Office, office } from '../support/office.ts';

const formType = 'application/x-www-form-urlencoded';

interface Answer {
  readonly status: number;
  readonly to: string;
  readonly cookie: string;
  readonly body: string;
}

async function ask(
  { app }: Office,
  {
    method = 'GET',
    path,
    cookie,
    fields,
    headers = {},
  }: {
    readonly method?: 'GET' | 'POST';
    readonly path: string;
    readonly cookie?: string;
    readonly fields?: Readonly<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string>>;
  },
): Promise<Answer> {
  const answer = await app.inject({
    method,
    url: `/clerk/${path}`,
    headers: { ...(cookie === undefined ? {} : { cookie }), ...(fields === undefined ? {} : { 'content-type': formType }), ...headers },
    ...(fields === undefined ? {} : { payload: new URLSearchParams(fields).toString() }),
  });
  return {
    status: answer.statusCode,
    to: answer.headers.location ?? '',
    cookie: String(answer.headers['set-cookie'] ?? '').split(';')[0]!,
    body: answer.body,
  };
}

const signIn = (here: Office, fields: { readonly name: string; readonly password: string }, cookie?: string): Promise<Answer> =>
  ask(here, { method: 'POST', path: 'sign-in', fields, ...(cookie === undefined ? {} : { cookie }) });

/** Whether somebody with that cookie is let in. */
async function isIn(here: Office, cookie: string): Promise<boolean> {
  return (await ask(here, { path: 'journal', cookie })).status === 200;
}

async function tokenOf(here: Office, cookie: string): Promise<string> {
  return /name="form" value="([\w-]{43})"/.exec((await ask(here, { path: 'journal', cookie })).body)?.[1] ?? '';
}

async function passwordOf({ county }: Office, name: string, role: ClerkRole): Promise<string> {
  const added = await addClerk(county, { name, role });
  if (!added.ok) throw new Error(added.code);
  return added.value.password;
}

async function signedIn(here: Office, name: string, role: ClerkRole): Promise<{ readonly cookie: string; readonly token: string }> {
  const { cookie } = await signIn(here, { name, password: await passwordOf(here, name, role) });
  return { cookie, token: await tokenOf(here, cookie) };
}

test('a cookie that somebody set beforehand is not the session, and one ends with its sign-out, its password, its person', async () => {
  const here = await office(aCounty(onTestFinished, false));
  const password = await passwordOf(here, '次仁', 'clerk');
  const planted = `__Host-clerk=${'A'.repeat(43)}`;
  const first = await signIn(here, { name: '次仁', password }, planted);
  expect([first.status, first.cookie === planted, await isIn(here, planted), await isIn(here, first.cookie)]).toEqual([
    303,
    false,
    false,
    true,
  ]);
  const again = await signIn(here, { name: '次仁', password }, first.cookie);
  expect([await isIn(here, first.cookie), await isIn(here, again.cookie)]).toEqual([false, true]);
  const elsewhere = await signIn(here, { name: '次仁', password });
  const out = await ask(here, {
    method: 'POST',
    path: 'sign-out',
    cookie: again.cookie,
    fields: { form: await tokenOf(here, again.cookie) },
  });
  expect([out.cookie, await isIn(here, again.cookie), await isIn(here, elsewhere.cookie)]).toEqual(['__Host-clerk=', false, true]);
  expect(await changePassword(here.county, { name: '次仁', password: 'a better passphrase' })).toMatchObject({ ok: true });
  expect(await isIn(here, elsewhere.cookie)).toBe(false);
  const next = await signIn(here, { name: '次仁', password: 'a better passphrase' });
  await resetClerk(here.county, '次仁');
  expect(await isIn(here, next.cookie)).toBe(false);
  const other = await signedIn(here, '央金', 'releaser');
  await removeClerk(here.county, '央金');
  expect(await isIn(here, other.cookie)).toBe(false);
  for (const cookie of [
    '__Host-clerk=',
    `clerk=${other.cookie.slice(13)}`,
    `__Host-clerk=${'A'.repeat(42)}`,
    `${other.cookie}x`,
    '__Host-clerk=__proto__',
  ])
    expect([cookie, await isIn(here, cookie)]).toEqual([cookie, false]);
  expect(here.said).toEqual([]);
});

/** Every address that takes a form, of the pages as they are. */
function postPaths({ app }: Office): readonly string[] {
  const routes = app.printRoutes({ commonPrefix: false });
  const paths: string[] = [];
  const above: string[] = [];
  for (const line of routes.split('\n')) {
    const [, indent, name, methods] = /^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (indent === undefined || name === undefined) continue;
    const depth = indent.length / 4;
    above.splice(depth, Number.POSITIVE_INFINITY, name);
    if (methods?.includes('POST') === true) paths.push(above.join(''));
  }
  return paths.filter((path) => path.startsWith('/clerk/')).map((path) => path.slice('/clerk/'.length));
}

test('no form counts without the token of its own session, from another site, or from nobody; and none of what is not one’s own', async () => {
  const { county } = await aPair(onTestFinished);
  const here = await office(county);
  const paths = postPaths(here);
  expect(paths.length).toBeGreaterThanOrEqual(15);
  expect(paths).toContain('awards/release');
  const people = await Promise.all(clerkRoles.map((role) => signedIn(here, `一${role}`, role)));
  const [clerk, releaser, committee] = people as [(typeof people)[number], (typeof people)[number], (typeof people)[number]];
  const before = await dumpCounty(county);
  for (const path of paths.filter((each) => each !== 'sign-in')) {
    const sent = async (cookie: string | undefined, fields: Readonly<Record<string, string>>, headers = {}): Promise<unknown> => {
      const { status, to } = await ask(here, { method: 'POST', path, fields, headers, ...(cookie === undefined ? {} : { cookie }) });
      return [path, status, to];
    };
    expect(await sent(undefined, { form: clerk.token })).toEqual([path, 303, '/clerk/sign-in']);
    expect(await sent(clerk.cookie, {})).toEqual([path, 303, '/clerk/inbox']);
    expect(await sent(clerk.cookie, { form: releaser.token })).toEqual([path, 303, '/clerk/inbox']);
    expect(await sent(clerk.cookie, { form: clerk.token.slice(0, 42) })).toEqual([path, 303, '/clerk/inbox']);
    for (const site of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ])
      expect(await sent(clerk.cookie, { form: clerk.token }, site)).toEqual([path, 403, '']);
  }
  expect(await signIn(here, { name: '一clerk', password: 'x' }, undefined)).toMatchObject({ status: 401 });
  const notTheirs: readonly (readonly [typeof clerk, readonly string[]])[] = [
    [
      clerk,
      ['awards/release', 'awards/take-back/release', 'exceptions/disallow/release', 'awards/expiry/release', 'exposure/release-write-off'],
    ],
    [
      releaser,
      [
        'awards/upload',
        'awards/propose',
        'awards/drop',
        'awards/take-back',
        'settlements/upload',
        'settlements/take',
        'settlements/drop',
        'exceptions/answer',
        'exceptions/disallow',
        'awards/expiry',
        'exposure/write-off',
      ],
    ],
    [
      committee,
      [
        'awards/upload',
        'awards/propose',
        'awards/drop',
        'awards/release',
        'awards/withdraw',
        'awards/take-back',
        'awards/take-back/release',
        'awards/take-back/withdraw',
        'exceptions/disallow',
        'exceptions/disallow/release',
        'exceptions/disallow/withdraw',
        'awards/expiry',
        'awards/expiry/release',
        'awards/expiry/withdraw',
        'exposure/write-off',
        'exposure/release-write-off',
        'exposure/withdraw-write-off',
        'settlements/upload',
        'settlements/take',
        'settlements/drop',
      ],
    ],
  ];
  for (const [{ cookie, token }, theirs] of notTheirs)
    for (const path of theirs) {
      expect(paths).toContain(path);
      const { status, to } = await ask(here, {
        method: 'POST',
        path,
        cookie,
        fields: { form: token, batch: '1', number: '1', text: '已核实' },
      });
      const { body } = await ask(here, { path: to.replace('/clerk/', ''), cookie });
      expect([path, status, body.includes('您的岗位不能做这一步')]).toEqual([path, 303, true]);
    }
  expect(withoutDeeds(await dumpCounty(county))).toBe(withoutDeeds(before));
  expect(here.said).toEqual([]);
});

/** The book without what is written of who tried to sign in. */
function withoutDeeds(dump: string): string {
  return dump
    .split('\n\n')
    .filter((table) => !/^\n?(clerk|clerk_act)\n/.test(table))
    .join('\n\n');
}

async function upload(
  here: Office,
  { cookie, token }: { readonly cookie: string; readonly token: string },
  path: string,
  text: string,
): Promise<void> {
  const parts = [
    `Content-Disposition: form-data; name="form"\r\n\r\n${token}`,
    `Content-Disposition: form-data; name="file"; filename="../../l.csv"\r\n\r\n${text}`,
  ];
  const payload = `${parts.map((part) => `--cut\r\n${part}\r\n`).join('')}--cut--\r\n`;
  const headers = { cookie, 'content-type': 'multipart/form-data; boundary=cut' };
  expect((await here.app.inject({ method: 'POST', url: `/clerk/${path}`, headers, payload })).statusCode).toBe(303);
}

test('a list that came after the page that shows another is not sent on by that page', async () => {
  const { county } = await aPair(onTestFinished);
  const here = await office(county);
  const clerk = await signedIn(here, '次仁', 'clerk');
  await upload(here, clerk, 'awards/upload', 'account,points,reason\na1,1,值日\n');
  const { body } = await ask(here, { path: 'awards', cookie: clerk.cookie });
  await upload(here, clerk, 'awards/upload', 'account,points,reason\na1,900000,值日\n'); // in another window
  const fields = Object.fromEntries(
    [...body.matchAll(/<form method="post" action="\/clerk\/awards\/propose"[^]*?<\/form>/g)].flatMap(([form]) =>
      [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
    ),
  );
  await ask(here, { method: 'POST', path: 'awards/propose', cookie: clerk.cookie, fields });
  expect((await ask(here, { path: 'awards', cookie: clerk.cookie })).body).toContain('没有等待放行的批次');
  expect(here.said).toEqual([]);
});

test('a form of half a million parts, or one whose boundary is said in two ways, is refused before it is taken apart', async () => {
  const here = await office(aCounty(onTestFinished, false));
  const { cookie, token } = await signedIn(here, '次仁', 'clerk');
  const sent = async (type: string, payload: string): Promise<number> =>
    (await here.app.inject({ method: 'POST', url: '/clerk/awards/drop', headers: { cookie, 'content-type': type }, payload })).statusCode;
  const part = `--cut\r\nContent-Disposition: form-data; name="form"\r\n\r\n${token}\r\n`;
  const form = 'multipart/form-data; boundary=cut';
  expect(await sent(form, `${part}--cut--\r\n`)).toBe(303);
  expect(await sent('multipart/form-data; boundary="cut"', `${part}--cut--\r\n`)).toBe(303);
  expect(await sent(form, `${part.repeat(200_000)}--cut--\r\n`)).toBe(400);
  for (const type of [
    `${form}; boundary=other`,
    'multipart/form-data; boundary=other; boundary=cut',
    'multipart/form-data; x="boundary=other"; boundary=cut',
    'multipart/form-data',
  ])
    expect([type, await sent(type, `${part.repeat(20)}--cut--\r\n`)]).toEqual([type, 400]);
  expect(here.said).toEqual([]);
});

const bad = `"'><img src=x onerror=alert(1)></textarea></title><script>alert(1)</script>&amp;{{x}}\${y}‮ཀ`;

test('names, shops, reasons, details, answers and questions stand on every page as the text that they are', async () => {
  const { county } = await aPair(onTestFinished);
  const here = await office(county);
  const account = `a1`;
  await county.transact((act) => {
    const entry = act.enter('residents', 'test');
    putMaster(act, { t: 'SHOP', shop: { ...shop, zh: bad, countyZh: bad } }, { scope: shop.kiosk, entry });
    const resident = {
      id: '77',
      accountId: account,
      name: bad,
      group: 'villager',
      village: bad,
      language: 'zh',
      tag: 'A'.repeat(22),
      active: true,
    } as const;
    putMaster(act, { t: 'RESIDENT', resident }, { scope: everyKiosk, entry });
    addAccount(act, { account: 'javascript:alert(1)', home: shop.kiosk, isActive: true });
    for (const code of ['card_denied', 'log_contradicted', 'something_new', bad])
      raiseException(act.db, { kiosk: shop.kiosk, inc: 1, fileSeq: 1, seq: 0, code: code as 'put_back', detail: bad, at: county.wallMs() });
    writeAct(act.db, { name: bad, what: 'answer', about: bad, at: county.wallMs() });
  });
  const clerk = await signedIn(here, bad.slice(0, 40).trim(), 'clerk');
  await upload(here, clerk, 'awards/upload', `account,points,reason\na1,1,"${bad.replaceAll('"', '""')}"\n`);
  const seen: string[] = [];
  const see = async (path: string): Promise<void> => void seen.push((await ask(here, { path, cookie: clerk.cookie })).body);
  await see('awards');
  await ask(here, {
    method: 'POST',
    path: 'awards/propose',
    cookie: clerk.cookie,
    fields: { form: clerk.token, list: /name="list" value="([\w-]{43})"/.exec(seen[0]!)?.[1] ?? '' },
  });
  await upload(here, clerk, 'settlements/upload', `kiosk,inc,number,yuan,day,reference\n${bad},1,1,1,1,1\n`);
  await ask(here, {
    method: 'POST',
    path: 'exceptions/answer',
    cookie: clerk.cookie,
    fields: { form: clerk.token, number: '1', text: bad },
  });
  await ask(here, { method: 'POST', path: 'check/run', cookie: clerk.cookie, fields: { form: clerk.token } });
  const query = encodeURIComponent(bad);
  const reason = { form: clerk.token, reason: bad };
  await ask(here, { method: 'POST', path: 'exceptions/disallow', cookie: clerk.cookie, fields: { ...reason, ticket: bad } });
  await see('exceptions');
  await ask(here, {
    method: 'POST',
    path: 'awards/take-back',
    cookie: clerk.cookie,
    fields: { ...reason, batch: '1', account: bad, points: '1' },
  });
  for (const path of [
    'inbox',
    'exceptions',
    `exceptions?ticket=${query}`,
    `exceptions?disallow=${query}`,
    'exposure',
    `exposure?advances=${query}`,
    'settlements',
    'awards',
    'awards?batch=1',
    `awards?back=${query}`,
    `awards?expiry=${query}`,
    'residents',
    `residents?q=${query}`,
    'residents?q=77',
    `residents?account=${query}`,
    'residents?account=a1',
    'residents?q=javascript:alert(1)',
    'check',
    'night',
    'journal',
    'password',
    'nowhere',
    query,
  ])
    await see(path);
  const tags = new Set(seen.flatMap((page) => [...page.matchAll(/<([a-z!][a-z0-9]*)/gi)].map(([, tag]) => tag!.toLowerCase())));
  expect([...tags].filter((tag) => ['img', 'script', 'iframe', 'object', 'base', 'style', 'embed'].includes(tag))).toEqual([]);
  const outsideText = (page: string): string => page.replaceAll(/>[^<]*</g, '><').replaceAll(/aria-label="[^"]*"|value="[^"]*"/g, '');
  for (const page of seen.map(outsideText)) expect(page).not.toMatch(/\son[a-z]+=(?=[^<]*>)|href="(?!\/clerk\/|#)|action="(?!\/clerk\/)/);
  expect(seen.filter((page) => page.includes('&lt;img src=x onerror=alert(1)&gt;')).length).toBeGreaterThan(10);
  expect(here.said).toEqual([]);
});
