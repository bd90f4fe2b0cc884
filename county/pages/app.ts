// The clerk's pages over HTTPS, under /clerk: who is signed in, which form came from where, how large, and what is written down of it. HTML
// made here, without any script; no page of the county's business is in this file.

import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { businessDate } from '../../db/model/time.ts';
import { bankList } from '../bank-list.ts';
import type { CountyBook } from '../book/county-book.ts';
import { isFull } from '../book/full-disk.ts';
import { TooManyWaiting } from '../book/turns.ts';
import { type SignInTries, newSignInTries, openSession, sourceOf } from '../server/sign-in-tries.ts';
import { passwordView, signInView } from './account.ts';
import { proposeWriteOff, releaseWriteOff, withdrawWriteOff } from './advances.ts';
import { awardsPage, dropAwards, proposeIt, releaseIt, uploadAwards, withdrawIt } from './awards.ts';
import { proposeBack, releaseBack, withdrawBack } from './take-backs.ts';
import { type Refusals, changePassword, checkPassword, demoPeople, listClerks, newRefusals, standingOf, writeAct } from './clerks.ts';
import { checkPage, runCheck } from './check.ts';
import { proposeCredits, releaseCredits, withdrawCredits } from './disallow.ts';
import { answerIt, exceptionsPage } from './exceptions.ts';
import { exposurePage } from './exposure.ts';
import { proposeExpired, releaseExpired, withdrawExpired } from './expiry.ts';
import { html } from './html.ts';
import { askFiles, inboxPage } from './inbox.ts';
import { journalPage } from './journal.ts';
import { framed } from './layout.ts';
import { nightPage, pressNight } from './night.ts';
import type { Act, Desk, Form, Page, View } from './page.ts';
import { residentsPage } from './residents.ts';
import { type Session, type Sessions, isFormOf, newSessions } from './sessions.ts';
import { bankListPath, dropThem, settlementsPage, takeThem, uploadPayments } from './settlements.ts';
import { countyName } from './shops.ts';

const pages: readonly Page[] = [
  inboxPage,
  exceptionsPage,
  exposurePage,
  settlementsPage,
  awardsPage,
  residentsPage,
  checkPage,
  nightPage,
  journalPage,
];
const acts: readonly Act[] = [
  askFiles,
  answerIt,
  uploadPayments,
  takeThem,
  dropThem,
  uploadAwards,
  proposeIt,
  dropAwards,
  releaseIt,
  proposeBack,
  releaseBack,
  withdrawBack,
  proposeCredits,
  releaseCredits,
  withdrawCredits,
  proposeExpired,
  releaseExpired,
  withdrawExpired,
  proposeWriteOff,
  releaseWriteOff,
  withdrawWriteOff,
  withdrawIt,
  runCheck,
  pressNight,
];

/** What performance.now counts from. */
const bootId = randomUUID();

const formBytesMax = 64 * 1024;
/** A list of all residents of a large county has some 20 MiB as CSV. */
const uploadBytesMax = 32 * 1024 * 1024;
/** Hashing a password takes 32 MiB and a fifth of a second. */
const signInsAtOnce = 4;
const signInsPerMinute = 10;
/** With the prefix a browser takes it over HTTPS only, and from this host only. */
const cookieName = '__Host-clerk';

const headers: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin', // with none, a form would come from nowhere
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** All of /clerk. `complain`: what failed by a fault of ours. */
export function clerkPages(desk: Desk, complain: (line: string) => void): FastifyPluginAsync {
  const { book, monoMs } = desk;
  const sessions = newSessions(monoMs);
  const tries = newSignInTries();
  const refusals = newRefusals(book, complain);
  const css = readFileSync(new URL('clerk.css', import.meta.url), 'utf8');
  return async (app) => {
    const send = async (reply: FastifyReply, view: View, path: string, session: Session | null): Promise<void> => {
      const county = await book.read((db) => countyName(db, book.code));
      const text = framed(view, { county, isDemo: book.isDemo, pages, path, session });
      if (session !== null) session.notice = session.typed = null; // both were shown
      await reply.type('text/html; charset=utf-8').send(text);
    };
    const signIn = async (reply: FastifyReply, status: number, trouble: string | null): Promise<void> => {
      const hasClerks = (await book.read(listClerks)).some(({ isActive }) => isActive);
      await send(reply.code(status), signInView({ demoPeople: await demoPeople(book), hasClerks, trouble }), 'sign-in', null);
    };
    takeForms(app);
    app.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, hide: true }; // openapi.json is for machines
    });
    app.addHook('onRequest', (request, reply, next) => {
      reply.headers(headers);
      if (request.method === 'POST' && !isFromHere(request))
        void reply.code(403).type('text/plain; charset=utf-8').send('表单不是从本站来的');
      else next();
    });
    app.setNotFoundHandler((_request, reply) => {
      void reply.headers(headers).code(404);
      return send(reply, trouble('没有这一页', '地址不对：请从下面回去。'), '', null);
    });
    app.setErrorHandler((error: Error & { readonly statusCode?: number }, request, reply) => {
      const status = error instanceof TooManyWaiting ? 503 : isFull(error) ? 507 : (error.statusCode ?? 500);
      if (status === 500) complain(`${request.method} ${request.routeOptions.url ?? ''}: ${error.stack ?? error.message}`);
      return send(reply.code(status), trouble('没有做成', faultTexts[status] ?? '服务器出了错，日志里有原因。什么也没有改。'), '', null);
    });
    app.get('/clerk.css', (_request, reply) =>
      reply.header('cache-control', 'private, max-age=300').type('text/css; charset=utf-8').send(css),
    );
    app.get('/', (_request, reply) => reply.redirect('/clerk/inbox', 303));
    app.get('/sign-in', (_request, reply) => signIn(reply, 200, null));
    let signingIn = 0;
    app.post('/sign-in', { config: { rateLimit: { max: signInsPerMinute, timeWindow: '1 minute' } } }, async (request, reply) => {
      const form = formOf(request);
      if (signingIn >= signInsAtOnce) return signIn(reply, 503, '现在登录的人太多，请稍后再试');
      signingIn += 1;
      try {
        const name = form.text('name').trim();
        const at = { tries, now: { wallMs: book.wallMs(), monoMs: monoMs(), bootId } };
        const known = await checkPassword(book, { name, password: form.text('password'), source: sourceOf(request.ip) }, at);
        if (!known.ok && known.code === 'wait') return await signIn(reply, 401, `试错太多，请过 ${Math.ceil(known.waitMs / 1000)} 秒再试`);
        if (!known.ok) {
          await signIn(reply, 401, '姓名或密码不对'); // it went out: what follows tells nobody whether the name is one
          await refusals.add(name);
          return reply;
        }
        const before = tokenOf(request);
        if (before !== null) sessions.end(before);
        return await reply
          .header('set-cookie', cookie(sessions.begin(known.value, await book.read((db) => standingOf(db, known.value.name)))))
          .redirect('/clerk/inbox', 303);
      } finally {
        signingIn -= 1;
      }
    });
    await app.register((inner, _options, done) => {
      takeUploads(inner);
      signedInRoutes(inner, { desk, sessions, tries, refusals, send });
      done();
    });
  };
}

const faultTexts: Readonly<Record<number, string>> = {
  413: '文件太大（最多 32 MiB）。',
  415: '送来的不是表单。',
  400: '送来的不是完整的表单。',
  429: '点得太快，请过一分钟再试。',
  503: '正忙，请过几秒再试。',
  507: '服务器的磁盘满了，什么也没有改。请马上告诉技术人员。',
};

function trouble(title: string, text: string): View {
  return {
    title,
    body: html`<p class="notice bad">${text}</p>
      <p><a href="/clerk/inbox">回到收件</a></p>`,
  };
}

interface Inside {
  readonly desk: Desk;
  readonly sessions: Sessions;
  readonly tries: SignInTries;
  readonly refusals: Refusals;
  readonly send: (reply: FastifyReply, view: View, path: string, session: Session | null) => Promise<void>;
}

/** Everything for which one is signed in; asked before the body of an upload is read. */
function signedInRoutes(app: FastifyInstance, { desk, sessions, tries, refusals, send }: Inside): void {
  const { book } = desk;
  const found = new WeakMap<FastifyRequest, Session>();
  const sessionIn = async (request: FastifyRequest): Promise<Session | null> => {
    const session = sessions.find(tokenOf(request));
    if (session === null) return null;
    return (await book.read((db) => standingOf(db, session.clerk.name))) === session.standing ? session : null;
  };
  app.addHook('onRequest', async (request, reply) => {
    const session = await sessionIn(request);
    if (session === null) await reply.redirect('/clerk/sign-in', 303);
    else found.set(request, session);
  });
  // an upload takes as long as it takes: who was signed out or removed meanwhile does nothing by it
  app.addHook('preHandler', async (request, reply) => {
    if (request.method === 'POST' && (await sessionIn(request)) !== found.get(request)) await reply.redirect('/clerk/sign-in', 303);
  });
  const sessionOf = (request: FastifyRequest): Session => found.get(request)!; // the hook let nobody else in
  for (const page of pages)
    app.get(`/${page.path}`, async (request, reply) => {
      const session = sessionOf(request);
      await refusals.writeEnded(); // so who looks at the journal finds them there
      await send(reply, await page.show(desk, { session, query: queryOf(request) }), page.path, session);
    });
  app.get(`/${bankListPath}`, async (_request, reply) => {
    const { csv } = await book.read(bankList);
    const name = `to-pay-${businessDate(book.wallMs())}.csv`;
    return reply.header('content-disposition', `attachment; filename="${name}"`).type('text/csv; charset=utf-8').send(`\uFEFF${csv}`); // without the mark a spreadsheet guesses the letters
  });
  for (const act of acts)
    app.post(`/${act.path}`, async (request, reply) => {
      const session = sessionOf(request);
      const form = formOf(request);
      if (!isFormOf(session, form.text('form'))) return staleForm(reply, session);
      if (!act.roles.includes(session.clerk.role)) {
        session.notice = { isGood: false, text: '您的岗位不能做这一步' };
        return reply.redirect(`/clerk/${act.path.split('/')[0]!}`, 303); // a path has a first part
      }
      const { to, isGood, text, deed } = await act.run(desk, { session, query: queryOf(request) }, form);
      session.notice = { isGood, text }; // at once: what goes on may end, and say so, before this is written down
      session.typed = isGood ? null : { act: act.path, fields: form.typed() };
      if (deed !== undefined) await writeDown(book, session, deed);
      return reply.redirect(`/clerk/${to}`, 303);
    });
  app.get('/password', async (request, reply) => {
    const session = sessionOf(request);
    await send(reply, passwordView({ session, query: queryOf(request) }), 'password', session);
  });
  app.post('/password', { config: { rateLimit: { max: signInsPerMinute, timeWindow: '1 minute' } } }, async (request, reply) => {
    const session = sessionOf(request);
    const form = formOf(request);
    if (!isFormOf(session, form.text('form'))) return staleForm(reply, session);
    session.notice = await newPassword({ desk, tries, refusals }, session, form);
    if (!session.notice.isGood) return reply.redirect('/clerk/password', 303);
    const token = sessions.begin(session.clerk, await book.read((db) => standingOf(db, session.clerk.name))); // the others of this name are ended
    return reply.header('set-cookie', cookie(token)).redirect('/clerk/inbox', 303);
  });
  app.post('/sign-out', async (request, reply) => {
    const session = sessionOf(request);
    if (!isFormOf(session, formOf(request).text('form'))) return staleForm(reply, session);
    await writeDown(book, session, { what: 'sign_out', about: '' });
    sessions.end(tokenOf(request)!); // it was found by it
    return reply
      .header('set-cookie', `${cookieName}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`)
      .redirect('/clerk/sign-in', 303);
  });
}

async function newPassword(
  { desk: { book, monoMs }, tries, refusals }: Pick<Inside, 'desk' | 'tries' | 'refusals'>,
  { clerk: { name } }: Session,
  form: Form,
): Promise<NonNullable<Session['notice']>> {
  if (form.text('fresh') !== form.text('again')) return { isGood: false, text: '两次输入的新密码不一样' };
  const at = { tries, now: { wallMs: book.wallMs(), monoMs: monoMs(), bootId } };
  const known = await checkPassword(book, { name, password: form.text('old'), source: openSession }, at);
  if (!known.ok) {
    if (known.code === 'wrong') await refusals.add(name);
    return { isGood: false, text: '现在的密码不对' };
  }
  const changed = await changePassword(book, { name, password: form.text('fresh') });
  if (!changed.ok) return { isGood: false, text: '新密码太简单：至少 10 位，不要都是重复的字' };
  return { isGood: true, text: '密码已改' };
}

function writeDown(
  book: CountyBook,
  { clerk }: Session,
  deed: { readonly what: Parameters<typeof writeAct>[1]['what']; readonly about: string },
): Promise<void> {
  return book.transact(({ db }) => writeAct(db, { name: clerk.name, ...deed, at: book.wallMs() }));
}

async function staleForm(reply: FastifyReply, session: Session): Promise<FastifyReply> {
  session.notice = { isGood: false, text: '这张表单已经过期，什么也没有做：请再试一次' };
  return reply.redirect('/clerk/inbox', 303);
}

/** A form that a page of another site sends is refused before its body is read; the token of the form is asked besides. */
function isFromHere({ headers: given, host }: FastifyRequest): boolean {
  const site = given['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = given;
  return origin === undefined || origin === `https://${host}`;
}

function tokenOf({ headers: given }: FastifyRequest): string | null {
  for (const each of (given.cookie ?? '').split(';')) {
    const [name, value] = each.trim().split('=');
    if (name === cookieName && value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value)) return value;
  }
  return null;
}

/** Ends with the browser; the server ends it sooner (sessions.ts). */
function cookie(token: string): string {
  return `${cookieName}=${token}; Path=/; Secure; HttpOnly; SameSite=Strict`;
}

function queryOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(request.url.split('?')[1] ?? '');
}

function takeForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: formBytesMax }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
}

/** Of who is signed in: nobody else's list is kept in memory, however slowly it comes. */
function takeUploads(app: FastifyInstance): void {
  app.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer', bodyLimit: uploadBytesMax },
    async (request: FastifyRequest, body: Buffer) => {
      const type = request.headers['content-type'] ?? '';
      if (!hasFewParts(body, type)) throw Object.assign(new Error('too many parts'), { statusCode: 400 });
      try {
        return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
      } catch (error) {
        throw Object.assign(new Error('no form', { cause: error }), { statusCode: 400 });
      }
    },
  );
}

/** A form of ours has a token, a file and a field or two; half a million parts would keep everybody waiting for half a minute. */
const partsMax = 8;

/** Its boundary stands no more often than so many parts need; as a browser writes it, and not so that others read another one. */
function hasFewParts(body: Buffer, type: string): boolean {
  const boundary = /^multipart\/form-data; ?boundary=("?)([\w'()+,./:=?-]{1,70})\1$/i.exec(type)?.[2];
  if (boundary === undefined) return false;
  for (let count = 0, at = 0; count <= partsMax; count += 1) {
    at = body.indexOf(`--${boundary}`, at) + 1;
    if (at === 0) return true;
  }
  return false;
}

function formOf({ body }: FastifyRequest): Form {
  const fields = body instanceof URLSearchParams || body instanceof FormData ? body : new URLSearchParams();
  return {
    text(name) {
      const value = fields.get(name);
      return typeof value === 'string' ? value : '';
    },
    async file(name) {
      const value = fields.get(name);
      if (value === null || typeof value === 'string' || (value.size === 0 && value.name === '')) return null;
      return { name: value.name.slice(0, 80), bytes: new Uint8Array(await value.arrayBuffer()) };
    },
    typed: () => Object.fromEntries(Array.from(fields, ([name, value]) => [name, typeof value === 'string' ? value : value.name])),
  };
}
