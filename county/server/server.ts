// The county's server: what kiosks and everybody who checks may ask over HTTPS. Files are believed for their signatures, never for who
// brought them; answers say a code and never how the program is made (security.md S28, S29; docs/server.md).

import { createReadStream, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type RawServerDefault,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { type ZodTypeProvider, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { hashForm } from '../../db/model/base64url.ts';
import { isPassOf, passHeader } from '../../db/model/kiosk-pass.ts';
import { prepared } from '../../db/sqlite.ts';
import type { CountyBook } from '../book/county-book.ts';
import { answerAgain } from '../book/county-keys.ts';
import { enrolByCode } from '../book/enrol.ts';
import { type FullDisk, fullDisk, isFull } from '../book/full-disk.ts';
import { findKiosk, takeIn } from '../book/intake.ts';
import { wasGivenUp } from '../book/kiosk-keys.ts';
import { newestIncarnation } from '../book/rights.ts';
import { TooManyWaiting } from '../book/turns.ts';
import { logConsistency, logEntries, logInclusion, newestRoot } from '../log/log.ts';
import {
  bare,
  bodyAnswer,
  everyAnswer,
  interfaceDocument,
  kioskAnswer,
  packed,
  packedType,
  refused,
  said,
  textType,
  tooOften,
  withPass,
} from './answers.ts';
import type { ServerIdentity } from './certificate.ts';
import { drawRoute } from './draw-route.ts';
import { type Presence, newPresence } from './presence.ts';
import { partAsked } from './range.ts';
import { sourceOf } from './sign-in-tries.ts';
import { type Uploads, packedBytesMax, uploadsIn } from './uploads.ts';

/** How often one source (sourceOf) may ask: a kiosk's night is some dozen questions; a shop's other tills may stand behind the same address. */
export interface Rates {
  readonly perMinute: number;
  readonly enrolmentsPerMinute: number;
  /** A till asks once for a sale; a town's shop sells no faster than this behind one address. */
  readonly drawsPerMinute?: number;
}
const usualRates = { perMinute: 1_200, enrolmentsPerMinute: 5, drawsPerMinute: 60 } as const satisfies Rates;
/** A connection that says nothing is closed. */
const quietMs = 60_000;
/** A kiosk has two at most; beyond it the process would have no files left to open. */
const connectionsMax = 1_000;
/** Notes have some hundred bytes. */
const noteBytesMax = 16 * 1024;

/** How long what is asked and said may take. */
export interface Waits {
  /** A body: everything but a packed file and a clerk's list is a few hundred bytes, over the slowest line. */
  readonly smallBodyMs: number;
  /** A kiosk's question that is held open: less than what a connection may be quiet, here and on the way. */
  readonly heldMs: number;
}
const usualWaits: Waits = { smallBodyMs: 30_000, heldMs: 50_000 };
/** How much somebody may still ask is nobody's business; `retry-after` says when. */
const silent = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false };
/** What a kiosk asks with its pass. */
const ofOneKiosk = ['up/', 'down/', 'wait'].map((path) => `/v1/:county/:kiosk/${path}`);

const code = z.string().regex(/^\d{6}$/);
const id = z.string().regex(/^[A-Za-z0-9._-]{1,40}$/);
const number = z.coerce.number().int().min(1).max(999_999_999);
const index = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const ofKiosk = z.object({ county: code, kiosk: id });
const ofFile = z.object({ county: code, kiosk: id, inc: number, fileSeq: number });
const ofDown = z.object({ county: code, kiosk: id, downSeq: number });
const ofCounty = z.object({ county: code });
const text = z.string();
const proof = z.object({ proof: z.array(z.string()) });

/** The server over a book; listens to nothing yet. `identity` null: only to be asked in the same process. */
export async function countyServer(
  book: CountyBook,
  {
    identity,
    rates = usualRates,
    waits = usualWaits,
    presence = newPresence(() => performance.now()),
    pages,
    tell = () => {},
    complain,
  }: {
    readonly identity: ServerIdentity | null;
    readonly rates?: Rates;
    readonly waits?: Waits;
    readonly presence?: Presence;
    /** The clerk's pages (county/pages), under /clerk. */
    readonly pages?: FastifyPluginAsync;
    /** One line for each file that was taken in. */
    readonly tell?: (line: string) => void;
    readonly complain: (line: string) => void;
  },
): Promise<FastifyInstance> {
  const tls = identity === null ? {} : { https: { key: identity.keyPem, cert: identity.certificatePem, minVersion: 'TLSv1.3' as const } };
  const app = fastify({
    ...tls,
    bodyLimit: noteBytesMax,
    connectionTimeout: quietMs,
    requestTimeout: 0, // an upload over a slow line takes as long as it takes; a quiet one is closed
    routerOptions: { maxParamLength: 100 },
    // what the framework refuses before any route is asked: a path that is none
    frameworkErrors: (_error, _request, reply) => void (reply as unknown as FastifyReply).code(400).send({ code: 'bad_request' }), // of no route, so of no form
    forceCloseConnections: true,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.server.maxConnections = connectionsMax;
  app.addHook('onRequest', endSlowBodies(waits.smallBodyMs));
  app.addHook('onResponse', endAnsweredBodies(waits.smallBodyMs));
  const room = fullDisk(book, complain);
  answerFaults(app, room, complain);
  app.addContentTypeParser('application/gzip', { bodyLimit: packedBytesMax }, (_request, payload, done) => done(null, payload));
  await app.register(rateLimit, {
    max: rates.perMinute,
    timeWindow: '1 minute',
    keyGenerator: ({ ip }) => sourceOf(ip),
    addHeaders: silent,
    addHeadersOnExceeding: silent,
    errorResponseBuilder: () => Object.assign(new Error('too many'), { statusCode: 429 }),
  });
  await app.register(swagger, interfaceDocument);
  const typed = app.withTypeProvider<ZodTypeProvider>();
  app.addHook('preHandler', (request, reply, next) => {
    const { county } = request.params as { readonly county?: string }; // of the routes that have one
    if (county !== undefined && county !== book.code) void reply.code(404).send({ code: 'other_county' });
    else next();
  });
  app.addHook('preHandler', async (request, reply) => {
    const path = request.routeOptions.url ?? '';
    if (!ofOneKiosk.some((each) => path.startsWith(each))) return;
    const { kiosk } = request.params as z.infer<typeof ofKiosk>; // checked by the route before this
    const pass = request.headers[passHeader];
    const refused = await passRefusal(book, { kiosk, pass: typeof pass === 'string' ? pass : '', pin: identity?.pin ?? '' });
    // who is refused does not go on sending
    if (refused !== null)
      await reply
        .code(refused === 'unknown_kiosk' ? 404 : 403)
        .header('connection', 'close')
        .send({ code: refused });
  });
  upRoutes(typed, book, {
    uploads: uploadsIn(book.folder.incoming),
    async taken({ kiosk, inc, fileSeq }, verdict) {
      presence.sent(kiosk);
      tell(`file ${kiosk}/${inc}/${fileSeq} ${verdict}`);
      await room.fits();
    },
  });
  downRoutes(typed, book, presence);
  logRoutes(typed, book);
  waitRoute(typed, presence, waits.heldMs);
  drawRoute(typed, book, { callable: presence, perMinute: rates.drawsPerMinute ?? usualRates.drawsPerMinute });
  typed.post(
    '/v1/:county/:kiosk/enrol',
    {
      config: { rateLimit: { max: rates.enrolmentsPerMinute, timeWindow: '1 minute' } },
      schema: {
        summary: 'Registers a kiosk’s public key by its one-time code',
        params: ofKiosk,
        body: z.strictObject({ code: z.string().min(1).max(40), key: z.string().regex(hashForm) }),
        response: {
          ...everyAnswer,
          ...bodyAnswer,
          200: z.object({ enrolled: z.literal(true) }),
          403: refused('refused: an old, a used or another code, or not this kiosk’s key'),
        },
      },
    },
    async (request, reply) => {
      const enrolled = await enrolByCode(book, { kiosk: request.params.kiosk, ...request.body });
      if (!enrolled.ok) return reply.code(403).send({ code: enrolled.code });
      return { enrolled: true as const };
    },
  );
  if (pages !== undefined) await app.register(pages, { prefix: '/clerk' });
  typed.get(
    '/openapi.json',
    { exposeHeadRoute: false, schema: { summary: 'This document', response: { 200: z.looseObject({}), 429: tooOften } } },
    () => ({ ...app.swagger() }),
  );
  return app;
}

/** A body that comes a byte a minute holds its connection for ever: only a packed file and a clerk's list, of who may send one, take as long as they take. */
function endSlowBodies(withinMs: number) {
  return ({ raw, method, headers }: FastifyRequest, _reply: FastifyReply, next: () => void): void => {
    const hasBody = method !== 'GET' && method !== 'HEAD'; // no route reads one of theirs, and one of them is held open
    if (hasBody && !/^(application\/gzip|multipart\/form-data)/.test(headers['content-type'] ?? '')) {
      const timer = setTimeout(() => raw.destroy(), withinMs).unref();
      for (const end of ['end', 'close'] as const) raw.once(end, () => clearTimeout(timer));
    }
    next();
  };
}

/** Whoever was answered before the body was read, refused as a stranger or by its type, does not go on sending: a byte now and then holds a connection too. */
function endAnsweredBodies(withinMs: number) {
  return ({ raw }: FastifyRequest, _reply: FastifyReply, next: () => void): void => {
    if (!raw.complete) {
      const timer = setTimeout(() => raw.complete || raw.destroy(), withinMs).unref();
      raw.once('close', () => clearTimeout(timer));
    }
    next();
  };
}

/** Why who asks for a kiosk's files may not. A demo's kiosk has no key before its first file brings it, and nothing in it is anybody's. */
async function passRefusal(
  book: CountyBook,
  { kiosk, pass, pin }: { readonly kiosk: string; readonly pass: string; readonly pin: string },
): Promise<'unknown_kiosk' | 'not_this_kiosk' | null> {
  return book.read((db) => {
    const row = findKiosk(db, kiosk);
    if (row === null) return 'unknown_kiosk';
    const { key } = row;
    if (key === null) return book.isDemo ? null : 'not_this_kiosk';
    const isGivenUp = wasGivenUp(db, { kiosk, key });
    return isPassOf({ county: book.code, kiosk, pin }, pass, key, { isGivenUp }) ? null : 'not_this_kiosk';
  });
}

/** Whose parameters are what their shapes say. */
type Typed = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

/** What failed is told by a code; what it was stands in the server's own journal. */
function answerFaults(app: FastifyInstance, room: FullDisk, complain: (line: string) => void): void {
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ code: 'not_found' }));
  app.setErrorHandler(async (error: Error & { readonly statusCode?: number }, request, reply) => {
    if (error instanceof TooManyWaiting) return reply.code(503).header('retry-after', '5').send({ code: 'busy' });
    if (isFull(error)) {
      await room.found();
      return reply.code(507).send({ code: 'no_room' }); // RFC 4918, 11.5: it may fit later
    }
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) return reply.code(status).send({ code: codes[status] ?? 'bad_request' });
    complain(`${request.method} ${request.routeOptions.url ?? ''}: ${error.stack ?? error.message}`);
    return reply.code(500).send({ code: 'fault' });
  });
}

const codes: Readonly<Record<number, string>> = { 413: 'too_large', 415: 'other_type', 429: 'too_often' };

function upRoutes(
  app: Typed,
  book: CountyBook,
  { uploads, taken }: { readonly uploads: Uploads; readonly taken: (file: z.infer<typeof ofFile>, verdict: string) => Promise<void> },
): void {
  const path = '/v1/:county/:kiosk/up/:inc/:fileSeq';
  app.head(
    `${path}/data`,
    {
      config: { swagger: { exposeHeadRoute: true } }, // those that only go with a GET are left out
      schema: {
        summary: 'How many bytes of a file are here',
        security: withPass,
        params: ofFile,
        response: { ...everyAnswer, ...kioskAnswer, 200: bare('Go on from there', { 'upload-offset': 'Bytes; 0: none' }) },
      },
    },
    async (request, reply) => reply.header('upload-offset', uploads.offset(request.params)).code(200).send(),
  );
  app.put(
    `${path}/data`,
    {
      bodyLimit: packedBytesMax,
      schema: {
        summary: 'The packed file, or the rest of it from where it broke off (content-range: bytes FROM-LAST/ALL)',
        security: withPass,
        consumes: [packedType],
        params: ofFile,
        headers: z.object({ 'content-range': z.string().max(80).optional(), 'content-length': z.string().max(20).optional() }),
        response: {
          ...everyAnswer,
          ...bodyAnswer,
          ...kioskAnswer,
          200: z.object({ offset: z.int() }),
          409: refused('other_offset, busy, too_many, broken_off', { 'upload-offset': 'How many bytes are here' }),
          413: refused('too_large: the file, or more bytes than were said', { 'upload-offset': 'How many bytes are here' }),
        },
      },
    },
    async (request, reply) => {
      const range = rangeOf(request.headers['content-range'], request.headers['content-length']);
      if (range === null || !(request.body instanceof Readable)) return reply.code(400).send({ code: 'bad_request' });
      const received = await uploads.take(request.params, range, request.body);
      if (received.ok) return { offset: received.value };
      reply.header('upload-offset', uploads.offset(request.params));
      return reply.code(received.code === 'too_large' ? 413 : 409).send({ code: received.code });
    },
  );
  app.put(
    `${path}/checkpoint`,
    {
      schema: {
        summary: 'The kiosk’s signed checkpoint over its log, after the data',
        security: withPass,
        consumes: ['text/plain'],
        params: ofFile,
        body: text,
        response: { ...everyAnswer, ...bodyAnswer, ...kioskAnswer, 200: said('Nothing: it is kept'), 409: refused('no_data') },
      },
    },
    async (request, reply) => {
      if (!(await uploads.keepCheckpoint(request.params, request.body))) return reply.code(409).send({ code: 'no_data' });
      return reply.code(200).type(textType).send('');
    },
  );
  app.put(
    `${path}/note`,
    {
      schema: {
        summary: 'The kiosk’s signed note, last of all: the file is taken in, and the county’s signed answer comes back',
        security: withPass,
        consumes: ['text/plain'],
        params: ofFile,
        body: text,
        response: {
          ...everyAnswer,
          ...bodyAnswer,
          ...kioskAnswer,
          200: said('The county’s answer, signed'),
          409: refused('no_data, busy'),
        },
      },
    },
    async (request, reply) => {
      if (!uploads.hold(request.params)) return reply.code(409).send({ code: 'busy' }); // what is judged must be what is kept
      try {
        const whole = uploads.whole(request.params);
        if (whole === null) return await reply.code(409).send({ code: 'no_data' });
        const { note, verdict } = await takeIn(book, { ...request.params, ...whole, note: request.body });
        uploads.forget(request.params);
        await taken(request.params, verdict);
        return await reply.type(textType).send(note);
      } finally {
        uploads.letGo(request.params);
      }
    },
  );
  app.get(
    `${path}/ack`,
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'The county’s newest answer to a file',
        security: withPass,
        params: ofFile,
        response: { ...everyAnswer, ...kioskAnswer, 200: said('The answer, signed') },
      },
    },
    async ({ params: { kiosk, inc, fileSeq } }, reply) => {
      const row = await book.read((db) =>
        prepared<[string, number, number], { note: string }>(
          db,
          `SELECT note FROM answer WHERE kiosk = ? AND inc = ? AND file_seq = ? ORDER BY verdict = 'ACCEPTED' DESC, number DESC LIMIT 1`,
        ).get(kiosk, inc, fileSeq),
      );
      if (row === undefined) return reply.code(404).send({ code: 'not_found' });
      return reply.type(textType).send(await book.read((db) => answerAgain(book, db, row.note)));
    },
  );
}

/** `bytes 5-9/10`, or a whole body of known length. */
function rangeOf(range: string | undefined, length: string | undefined): { readonly from: number; readonly total: number } | null {
  if (range === undefined) {
    const total = Number(length);
    return Number.isSafeInteger(total) && total > 0 ? { from: 0, total } : null;
  }
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(range);
  if (match === null) return null;
  const [from, to, total] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return from <= to && to === total - 1 ? { from, total } : null;
}

/** What is said with every byte of a packed file. */
const fileHeaders = { etag: 'This version of the file, for if-range', 'accept-ranges': 'bytes' };

function downRoutes(app: Typed, book: CountyBook, presence: Presence): void {
  const path = '/v1/:county/:kiosk/down/:downSeq';
  /** A file without its row is one that a night cut short left: it is made anew. */
  const fileOf = async (
    params: z.infer<typeof ofDown>,
    ending: string,
  ): Promise<{ readonly path: string; readonly sha256: string } | null> => {
    const row = await book.read((db) =>
      prepared<[string, number, number], { sha256: string }>(
        db,
        'SELECT sha256 FROM down_file WHERE kiosk = ? AND down_seq = ? AND inc = ?',
      ).get(
        params.kiosk,
        params.downSeq,
        newestIncarnation(db, params.kiosk), // what was made for one that ended, a kiosk takes no more
      ),
    );
    const file = join(book.folder.down, params.kiosk, `${String(params.downSeq).padStart(8, '0')}.${ending}`);
    return row !== undefined && existsSync(file) ? { path: file, sha256: row.sha256 } : null;
  };
  app.get(
    `${path}/data`,
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'A file for a kiosk, packed, or the part of it that a range asks for',
        security: withPass,
        params: ofDown,
        headers: z.object({ range: z.string().max(80).optional(), 'if-range': z.string().max(120).optional() }),
        response: {
          ...everyAnswer,
          ...kioskAnswer,
          200: packed('The whole file', fileHeaders),
          206: packed('The part', { ...fileHeaders, 'content-range': 'bytes FROM-LAST/ALL' }),
          416: refused('beyond_end: of this version there is no more', { ...fileHeaders, 'content-range': 'bytes */ALL' }),
        },
      },
    },
    async (request, reply) => {
      const found = await fileOf(request.params, 'jsonl.gz');
      if (found === null) return reply.code(404).send({ code: 'not_found' });
      const file = await open(found.path);
      const { size: bytes } = await file.stat();
      const tag = `"${found.sha256}-${bytes}"`;
      const { range, 'if-range': ifRange } = request.headers;
      const part = partAsked({ range, ifRange, tag, bytes });
      reply.headers({ etag: tag, 'accept-ranges': 'bytes' });
      if (part === 'none') {
        await file.close();
        return reply.code(416).header('content-range', `bytes */${bytes}`).send({ code: 'beyond_end' });
      }
      const { from, to } = part ?? { from: 0, to: bytes - 1 };
      if (part !== null) reply.code(206).header('content-range', `bytes ${from}-${to}/${bytes}`);
      return reply
        .type(packedType)
        .header('content-length', to - from + 1)
        .send(file.createReadStream({ start: from, end: to }));
    },
  );
  app.get(
    `${path}/note`,
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'Its note, signed by the county',
        security: withPass,
        params: ofDown,
        response: {
          ...everyAnswer,
          ...kioskAnswer,
          200: said('The note'),
          404: refused(everyAnswer[404].description, { 'x-exchange': 'now: the kiosk is asked to cut and send its file at once' }),
        },
      },
    },
    async (request, reply) => {
      const { kiosk } = request.params;
      const file = await fileOf(request.params, 'note');
      if (file !== null) return reply.type(textType).send(createReadStream(file.path));
      if (presence.saw(kiosk, request.params.downSeq)) reply.header('x-exchange', 'now');
      return reply.code(404).send({ code: 'not_found' });
    },
  );
}

function waitRoute(app: Typed, presence: Presence, heldMs: number): void {
  app.addHook('preClose', (done) => {
    presence.end();
    done();
  });
  app.get(
    '/v1/:county/:kiosk/wait',
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'Held open until somebody wants this kiosk to exchange: `exchange`, or 204 after fifty seconds. One for each kiosk',
        security: withPass,
        params: ofKiosk,
        response: { ...everyAnswer, ...kioskAnswer, 200: said('exchange'), 204: bare('Nobody wanted it') },
      },
    },
    async (request, reply) => {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const isCalled = await presence.wait(request.params.kiosk, { ms: heldMs, gone: gone.signal });
      if (!isCalled) return reply.code(204).send(null);
      return reply.type(textType).send('exchange');
    },
  );
}

function logRoutes(app: Typed, book: CountyBook): void {
  const path = '/v1/:county/log';
  app.get(
    `${path}/checkpoint`,
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'The newest root of the log, with all its signatures',
        params: ofCounty,
        response: { ...everyAnswer, 200: said('The root, a signed note') },
      },
    },
    async (_request, reply) => {
      const root = await book.read(newestRoot);
      if (root === null) return reply.code(404).send({ code: 'not_found' });
      return reply.type(textType).send(root.note);
    },
  );
  app.get(
    `${path}/leaves`,
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'Entries of the log, a thousand at most',
        params: ofCounty,
        querystring: z.object({ from: index, to: index }),
        response: { ...everyAnswer, 200: z.object({ entries: z.array(z.string()) }) },
      },
    },
    async ({ query }) => ({ entries: [...(await book.read((db) => logEntries(db, query)))] }),
  );
  app.get(
    `${path}/consistency`,
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'That the log of one size begins the log of another (RFC 6962)',
        params: ofCounty,
        querystring: z.object({ from: index, to: index }),
        response: { ...everyAnswer, 200: proof },
      },
    },
    async ({ query }, reply) => {
      const made = await book.read((db) => logConsistency(db, query));
      return made.ok ? { proof: [...made.value] } : reply.code(400).send({ code: made.code });
    },
  );
  app.get(
    `${path}/inclusion`,
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'That an entry is in the log of a size (RFC 6962)',
        params: ofCounty,
        querystring: z.object({ index, size: index }),
        response: { ...everyAnswer, 200: proof },
      },
    },
    async ({ query }, reply) => {
      const made = await book.read((db) => logInclusion(db, query));
      return made.ok ? { proof: [...made.value] } : reply.code(400).send({ code: made.code });
    },
  );
}
