// Speaks to the county's server: one HTTPS connection, known by its key, on which files go up and come down, and rights are
// asked for (reconciliation.md R3 and R4).
// Knows no book: it moves bytes that others made and will check, and every wait of it has an end.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { type TLSSocket, connect } from 'node:tls';
import type { CountyServer } from '../../db/home.ts';
import type { DrawQuestion } from '../../db/model/draw.ts';
import { passHeader } from '../../db/model/kiosk-pass.ts';
import type { UpFile } from '../../db/up-files.ts';
import type { SendFault } from '../ipc/snapshot.ts';
import { type BodyPlace, type DownPart, askForRest, dropParts, isAllThere, partOf, placeOf } from './down-part.ts';

/** What the network did; never leaves the exchange but as its code. */
export class SendError extends Error {
  readonly code: SendFault;
  constructor(code: SendFault, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** The county's server as one exchange sees it. Everything rejects with SendError. */
export interface CountyLine {
  /** The answer to a file as it stands, null where there is none yet. */
  ackOf(file: Pick<UpFile, 'inc' | 'fileSeq'>): Promise<string | null>;
  /** Sends a file, going on where an earlier try broke off; the note last. Answers with the county's answer. */
  upload(file: Pick<UpFile, 'inc' | 'fileSeq'>, parts: UpParts): Promise<string>;
  /** The note of a file for this kiosk, null where the county has none of that number yet. */
  downNote(downSeq: number): Promise<string | null>;
  /**
   * Fetches the data of one to `path`, on the disk when this resolves. Goes on where an earlier try broke off: what is put together of two
   * answers is asked about, and all of it comes anew where `isRight` says no.
   */
  downData(downSeq: number, path: string, isRight?: (path: string) => Promise<boolean>): Promise<void>;
  close(): void;
}

/** And what it can besides a round. */
interface ServerLine extends CountyLine {
  /** Whether its last answer about a next file asked this kiosk to cut and send at once: somebody at the county pressed. */
  isAskedNow(): boolean;
  /** Asks, and is kept waiting for most of a minute, whether somebody at the county wants this kiosk to exchange at once. */
  wait(): Promise<boolean>;
  /** Asks for rights of an account (db/model/draw.ts); what the county says to it, yes or no. */
  draw(question: Omit<DrawQuestion, 'county' | 'kiosk'>, signature: string): Promise<Pick<Answer, 'status' | 'body'>>;
  /** Asks to be registered with a public key (base64url) by a one-time code; what the county says to it. */
  enrol(of: { readonly code: string; readonly key: string }): Promise<Pick<Answer, 'status' | 'body'>>;
}

/** A cut file: where its data lies, and what goes beside it. */
export interface UpParts {
  readonly dataPath: string;
  readonly checkpoint: string;
  readonly note: string;
}

export interface LineOptions {
  readonly server: CountyServer;
  readonly county: string;
  readonly kiosk: string;
  /** What shows that this kiosk asks (db/model/kiosk-pass.ts). Null: it has no key at the county yet. */
  readonly pass: string | null;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Tests are less patient. */
  readonly patience?: Patience;
}

/** How long is waited: for an answer or the next bytes, and for a whole body at the slowest line worth waiting for. */
export interface Patience {
  readonly quietMs: number;
  readonly bytesPerSecond: number;
  /** For a connection; absent: as for an answer. */
  readonly connectMs?: number;
}
const usualPatience: Patience = { quietMs: 30_000, bytesPerSecond: 1_000 };

/** Notes have some hundred bytes; what an error says beyond that is not read. */
const textBytesMax = 16 * 1024;
/** Largest packed file to a kiosk, as the inbox takes them (down.ts). */
export const downBytesMax = 512 * 1024 * 1024;

/** A line to the county's server. Opens nothing yet. */
export function countyLine(options: LineOptions): ServerLine {
  const { server, county, kiosk, pass, signal, patience = usualPatience } = options;
  const agent = pinnedAgent(server.pin, patience);
  const base = `${server.url.replace(/\/+$/, '')}/v1/${county}/${kiosk}`;

  const ask = async (asked: Asked): Promise<Answer> => {
    const bodyMs = ((asked.bytes ?? 0) / patience.bytesPerSecond) * 1_000;
    const deadline = AbortSignal.timeout(Math.ceil(2 * patience.quietMs + bodyMs));
    try {
      return await exchange({
        ...asked,
        headers: { ...asked.headers, ...(pass !== null && { [passHeader]: pass }) },
        url: `${base}/${asked.path}`,
        agent,
        quietMs: patience.quietMs,
        signal: AbortSignal.any([signal, deadline]),
      });
    } catch (error) {
      throw toSendError(error, deadline.aborted);
    }
  };
  const text = async (path: string): Promise<Answer> => {
    const answer = await ask({ method: 'GET', path });
    if (answer.status !== 404) good(answer.status, path, answer.body);
    return answer;
  };
  /** nothing: the part is none of the file that the server has. What broke off stays as a part, to go on with. */
  const fetchData = async (downSeq: number, path: string, part: DownPart | null): Promise<'whole' | 'rest' | 'nothing'> => {
    const name = `down/${downSeq}/data`;
    let place: BodyPlace | null = null;
    const to = (head: Pick<Answer, 'status' | 'headers'>): BodyPlace | null => {
      place = placeOf(path, part, { ...head, bytesMax: downBytesMax });
      return place;
    };
    try {
      const headers = part === null ? {} : askForRest(part);
      const { status, headers: said, body } = await ask({ method: 'GET', path: name, headers, bytes: downBytesMax, to });
      if (status === 416 && part !== null) return isAllThere(part, said) ? became(path, part, 'rest') : 'nothing';
      good(status, name, body);
      if (place === null) throw new SendError('bad_answer', `${status} to ${name}`);
      return became(path, place, status === 206 ? 'rest' : 'whole');
    } catch (error) {
      rmSync(path, { force: true });
      if (error instanceof SendError && (error.code === 'bad_answer' || error.code === 'disk_full')) dropParts(path);
      throw error;
    }
  };
  let isAsked = false;

  return {
    ackOf: async ({ inc, fileSeq }) => found(await text(`up/${inc}/${fileSeq}/ack`)),
    async downNote(downSeq) {
      const answer = await text(`down/${downSeq}/note`);
      isAsked = answer.status === 404 && answer.headers['x-exchange'] === 'now';
      return found(answer);
    },
    isAskedNow: () => isAsked,
    async upload({ inc, fileSeq }, { dataPath, checkpoint, note }) {
      const path = `up/${inc}/${fileSeq}`;
      const { size } = statSync(dataPath);
      const begun = await ask({ method: 'HEAD', path: `${path}/data` });
      if (begun.status !== 404) good(begun.status, path, '');
      const has = begun.status === 404 ? 0 : Number(begun.headers['upload-offset'] ?? 0);
      if (!Number.isSafeInteger(has) || has < 0) throw new SendError('bad_answer', `has ${has} bytes of ${path}`);
      const offset = has > size ? 0 : has; // more than there is was of another file, of a kiosk that was put back since
      if (offset < size) {
        const sent = await ask({
          method: 'PUT',
          path: `${path}/data`,
          headers: {
            'content-type': 'application/gzip',
            'content-range': `bytes ${offset}-${size - 1}/${size}`,
            'content-length': size - offset,
          },
          file: { path: dataPath, offset },
          bytes: size - offset,
        });
        good(sent.status, `${path}/data`, sent.body);
      }
      const put = async (name: string, content: string): Promise<string> => {
        const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(content) };
        const { status, body } = await ask({ method: 'PUT', path: `${path}/${name}`, headers, text: content });
        return good(status, `${path}/${name}`, body);
      };
      await put('checkpoint', checkpoint);
      return put('note', note);
    },
    async downData(downSeq, path, isRight = () => Promise.resolve(true)) {
      const part = partOf(path);
      const came = part === null ? 'nothing' : await fetchData(downSeq, path, part);
      if (came === 'whole' || (came === 'rest' && (await isRight(path)))) return;
      dropParts(path);
      if ((await fetchData(downSeq, path, null)) !== 'whole') throw new SendError('bad_answer', `no down/${downSeq}/data`);
    },
    async wait() {
      const { status, body } = await ask({ method: 'GET', path: 'wait' });
      return good(status, 'wait', body) === 'exchange';
    },
    draw({ account, want, nonce }, signature) {
      const content = JSON.stringify({ account, want, nonce });
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(content),
        'x-signature': signature,
      };
      return ask({ method: 'POST', path: 'draw', headers, text: content });
    },
    enrol({ code, key }) {
      const content = JSON.stringify({ code, key });
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) };
      return ask({ method: 'POST', path: 'enrol', headers, text: content });
    },
    close: () => agent.destroy(),
  };
}

interface Asked {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly text?: string;
  readonly file?: { readonly path: string; readonly offset: number };
  /** Of the body, either way, at most: how long the whole may take. */
  readonly bytes?: number;
  /** Where the body of an answer goes; null: it is text. */
  readonly to?: (head: Pick<Answer, 'status' | 'headers'>) => BodyPlace | null;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function exchange(
  asked: Asked & { readonly url: string; readonly agent: Agent; readonly quietMs: number; readonly signal: AbortSignal },
): Promise<Answer> {
  const { method, url, headers = {}, agent, signal, quietMs } = asked;
  const request = httpsRequest(url, { method, headers, agent, signal });
  request.setTimeout(quietMs, () => request.destroy(new SendError('timeout', `quiet for ${quietMs} ms`)));
  let kept: Promise<void> | null = null;
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', (response) => {
      const place = asked.to?.({ status: response.statusCode ?? 0, headers: response.headers }) ?? null;
      kept = place === null ? null : keepBody(response, place); // at once: what comes before anybody listens is lost with the line
      kept?.catch(() => undefined); // it is awaited below
      resolve(response);
    });
    request.on('error', reject); // stays: a connection that breaks later must not end the engine
    request.on('close', () => reject(new SendError('broken_off', 'closed without an answer')));
  });
  await Promise.race([answered, sendBody(request, asked).then(() => answered)]); // a server may answer before it has read all
  const response = await answered;
  const status = response.statusCode ?? 0;
  if (kept !== null) {
    await (kept as Promise<void>);
    return { status, headers: response.headers, body: '' };
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > textBytesMax) throw new SendError('bad_answer', 'an answer without end');
    parts.push(chunk);
  }
  if (!response.complete) throw new SendError('broken_off', 'half an answer');
  return { status, headers: response.headers, body: Buffer.concat(parts).toString('utf8') };
}

/** Written but not on the disk yet: beyond it the line waits for the disk. */
const aheadBytesMax = 1024 * 1024;

/** Puts a body into a file, on the disk when this settles: also what came before a line broke off. Rejects as that does. */
async function keepBody(response: IncomingMessage, { path, flags, bytesMax }: BodyPlace): Promise<void> {
  const file = createWriteStream(path, { flags, mode: 0o600, flush: true, highWaterMark: aheadBytesMax });
  const closed = new Promise<void>((resolve) => file.once('close', () => resolve()));
  let left = bytesMax;
  response.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) response.destroy(new SendError('bad_answer', `more than ${bytesMax} bytes`));
    else if (!file.write(chunk)) response.pause();
  });
  file.on('drain', () => response.resume());
  file.on('error', (error) => response.destroy(error));
  try {
    await finished(response);
  } finally {
    file.end();
    await closed;
  }
  if (file.errored !== null) throw file.errored;
}

/** A file that is whole gets its name. */
function became<How>(path: string, { path: from }: { readonly path: string }, how: How): How {
  if (from !== path) renameSync(from, path);
  return how;
}

async function sendBody(request: ClientRequest, { text, file }: Asked): Promise<void> {
  if (file === undefined) return void request.end(text);
  await pipeline(createReadStream(file.path, { start: file.offset }), request);
}

/** What was asked for, or null where the county has none yet. */
function found({ status, body }: Answer): string | null {
  return status === 404 ? null : body;
}

/** The body of a good answer. */
function good(status: number, path: string, body: string): string {
  if (status >= 200 && status < 300) return body;
  const code = status === 507 ? 'county_full' : status >= 500 || status === 429 ? 'server_fault' : 'refused';
  throw new SendError(code, `${status} to ${path}: ${body.slice(0, 200).replaceAll(/[^\x20-\x7e]/g, ' ')}`);
}

/**
 * Connects to one server only: the one whose certificate has the pinned key. Who signed the certificate, for whom and until when says
 * nothing here, and is not asked: a kiosk has no list of authorities that it could trust more than its county, nor a clock.
 */
function pinnedAgent(pin: string, { quietMs, connectMs = quietMs }: Patience): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 });
  agent.createConnection = (options, callback) => {
    const done = callback as (error: Error | null, stream?: Duplex) => void; // as Node calls it
    const socket = connect({ ...(options as object), rejectUnauthorized: false, session: undefined });
    const timer = setTimeout(() => socket.destroy(new SendError('timeout', 'no connection')), connectMs);
    const failed = (error: Error): void => {
      clearTimeout(timer);
      done(error);
    };
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      if (pinOf(socket) === pin) return done(null, socket);
      socket.on('error', () => undefined);
      socket.destroy();
      done(new SendError('wrong_key', 'another server answers at this address'));
    });
    return undefined;
  };
  return agent;
}

/** SHA-256 of the SubjectPublicKeyInfo of the certificate that this connection proved to have the key of, base64url. */
function pinOf(socket: TLSSocket): string | null {
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
  return key === undefined ? null : createHash('sha256').update(key).digest('base64url');
}

function toSendError(error: unknown, isLate: boolean): SendError {
  if (error instanceof SendError) return error;
  if (isLate) return new SendError('timeout', String(error));
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return new SendError('disk_full', String(error));
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('HPE_')) return new SendError('bad_answer', String(error));
  if (['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'ETIMEDOUT'].includes(code))
    return new SendError('unreachable', String(error));
  return new SendError('broken_off', String(error));
}
