// A county server for tests of the kiosk's side: the contract's HTTPS on 127.0.0.1, kept in memory, with every fault a network has.
// It believes what it is sent; the real one is county/server.

import { X509Certificate, createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { CountyServer } from '../../db/home.ts';
import { ackText } from '../../db/model/ack.ts';
import { parseFileNote, signNote } from '../../db/model/note.ts';
import { type Ack, upTrailer } from '../../db/model/up-file.ts';
import { countyName, fileKey } from './county.ts';

/** Worthless: it stands in the repository. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgt59je1nwpM9+t6/Z
A8eJ+8ir3IR2z1ievxFgBNqXpuGhRANCAATXiwO0XarvwT27/9pYWgalVS7Nlpim
Y4GFYmgAfuD41iS98/3uQMZFlYlt2LVTFVKcNDU9yO+Ap3u68nQPqMC4
-----END PRIVATE KEY-----
`;
const certificate = `-----BEGIN CERTIFICATE-----
MIIBhzCCAS2gAwIBAgIUO30itkpneEkCZAcXyU5vdmk8Vm0wCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNY291bnR5LXRlc3QtMTAgFw0yNjExMjIxMjQ5MDVaGA8yMTI2
MTAyOTEyNDkwNVowGDEWMBQGA1UEAwwNY291bnR5LXRlc3QtMTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABNeLA7Rdqu/BPbv/2lhaBqVVLs2WmKZjgYViaAB+4PjW
JL3z/e5AxkWViW3YtVMVUpw0NT3I74Cne7rydA+owLijUzBRMB0GA1UdDgQWBBSo
vo4M/Lva1rgnOn/Rq1FSqp3ccjAfBgNVHSMEGDAWgBSovo4M/Lva1rgnOn/Rq1FS
qp3ccjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDRQ5QqbJOe
pCfSbIE1kRTruE5Qxs5F+AeqN4Ov06gFAAIgANa854mxh+Ky5s/X+XyaGpCgX0cZ
jMvPTKvAT3IK/zY=
-----END CERTIFICATE-----
`;

/** What goes wrong from now on; null: nothing. */
export type Fault =
  /** Cuts the connection when so many bytes of data came; they are kept. */
  | { readonly kind: 'drop'; readonly afterBytes: number }
  | { readonly kind: 'status'; readonly status: number }
  /** Posts the file, and the answer to its note never arrives. */
  | { readonly kind: 'lose_answer' }
  | { readonly kind: 'garbage' }
  /** Gives so many bytes of its file, from where it was asked to, and cuts the connection. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Takes everything and answers nothing. */
  | { readonly kind: 'silent' }
  /** Its answers say something else. */
  | { readonly kind: 'answer'; readonly change: (ack: Ack) => Partial<Ack> };

/** What a kiosk asks for, and its signature. */
export interface AskedDraw {
  readonly account: string;
  readonly want: number;
  readonly nonce: string;
  readonly signature: string;
}

export interface FakeCounty {
  readonly server: CountyServer;
  fault: Fault | null;
  /** Somebody at the county pressed: a kiosk that asks for its next file hears `x-exchange: now`. */
  isAsking: boolean;
  /** What it answers to a kiosk that asks for rights of an account; `code` with 409. */
  draw: (asked: AskedDraw) => { readonly voucher: string } | { readonly code: string };
  /** Whether it gives parts of its files, as `range` asks. */
  hasRanges: boolean;
  /** What it calls the version of its file that it has; null: nothing. */
  tag: ((data: Buffer) => string) | null;
  /** Every request, as `PUT up/1/1/data`, with the range that it asks for, but for the one that a kiosk holds open. */
  readonly requests: string[];
  /** Calls the kiosk that holds a question open; false where none does. */
  call: () => boolean;
  /** What it has of the files, by path. */
  readonly stored: ReadonlyMap<string, Buffer>;
  /** Files for the kiosk: data and note by number. */
  readonly down: Map<number, { readonly data: Buffer; readonly note: string }>;
  /** Forgets what it had posted after a file, as one put back from a backup. */
  forget(afterFileSeq: number): void;
}

/** Listens until the test ends. */
export async function fakeCounty(onTestFinished: (work: () => Promise<void>) => void): Promise<FakeCounty> {
  const stored = new Map<string, Buffer>();
  const acks = new Map<string, string>();
  const sockets = new Set<Socket>();
  const pin = createHash('sha256')
    .update(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  let postedSeq = 0;
  let held: ServerResponse | null = null;

  const answerTo = (path: string, noteText: string): string => {
    const known = acks.get(path);
    if (known !== undefined) return known;
    const note = parseFileNote(noteText.slice(0, noteText.lastIndexOf('\n\n') + 1));
    if (!note.ok) throw new Error('no note');
    const bytes = gunzipSync(stored.get(`${path}/data`)!);
    const trailer = upTrailer.parse(JSON.parse(bytes.toString().trimEnd().split('\n').at(-1)!));
    const { county: countyId, kiosk, inc, fileSeq, sha256 } = note.value;
    const isNext = fileSeq === postedSeq + 1;
    const right: Ack = {
      county: countyId,
      kiosk,
      inc,
      fileSeq,
      sha256,
      verdict: isNext ? 'ACCEPTED' : 'GAP',
      posted: isNext ? { toSeq: trailer.size, headLeaf: trailer.headLeaf } : null,
      want: isNext ? null : postedSeq + 1,
      exceptions: 0,
      detail: '',
    };
    const ack = fake.fault?.kind === 'answer' ? { ...right, ...fake.fault.change(right) } : right;
    const text = signNote(ackText(ack), { name: countyName, privateKey: fileKey });
    if (ack.verdict === 'ACCEPTED') {
      postedSeq = fileSeq;
      if (fake.fault?.kind !== 'answer') acks.set(path, text);
    }
    return text;
  };

  const put = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, from = '0'] = /^bytes (\d+)-/.exec(request.headers['content-range'] ?? '') ?? [];
    let bytes = (stored.get(path) ?? Buffer.alloc(0)).subarray(0, path.endsWith('/data') ? Number(from) : 0);
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, chunk]);
      if (fake.fault?.kind === 'drop' && path.endsWith('/data') && bytes.length >= fake.fault.afterBytes) {
        stored.set(path, bytes.subarray(0, fake.fault.afterBytes));
        return void request.socket.destroy();
      }
    }
    stored.set(path, bytes);
    if (!path.endsWith('/note')) return void response.end();
    const answer = answerTo(path.slice(0, -'/note'.length), bytes.toString());
    if (fake.fault?.kind === 'lose_answer') return void request.socket.destroy();
    response.end(fake.fault?.kind === 'garbage' ? '<html>Welcome to our hotel</html>' : answer);
  };

  const get = (path: string, request: IncomingMessage, response: ServerResponse): void => {
    const [, downSeq, part] = /^down\/(\d+)\/(data|note)$/.exec(path) ?? [];
    const found =
      downSeq !== undefined
        ? fake.down.get(Number(downSeq))?.[part as 'data' | 'note']
        : request.method === 'HEAD'
          ? stored.get(path)
          : acks.get(path.replace(/\/ack$/, ''));
    if (found === undefined) response.writeHead(404, fake.isAsking && downSeq !== undefined ? { 'x-exchange': 'now' } : {}).end();
    else if (request.method === 'HEAD') response.setHeader('upload-offset', found.length).end();
    else if (part === 'data') giveData(found as Buffer, request, response);
    else response.end(found);
  };

  const giveData = (data: Buffer, request: IncomingMessage, response: ServerResponse): void => {
    const tag = fake.tag?.(data);
    const [, first] = (fake.hasRanges && request.headers['if-range'] === tag && /^bytes=(\d+)-$/.exec(request.headers.range ?? '')) || [];
    const from = Number(first ?? 0);
    if (tag !== undefined) response.setHeader('etag', tag);
    if (from >= data.length) return void response.writeHead(416, { 'content-range': `bytes */${data.length}` }).end('{}');
    const range = first === undefined ? {} : { 'content-range': `bytes ${from}-${data.length - 1}/${data.length}` };
    response.writeHead(first === undefined ? 200 : 206, { ...range, 'content-length': data.length - from });
    if (fake.fault?.kind !== 'cut') return void response.end(data.subarray(from));
    response.flushHeaders();
    response.write(data.subarray(from, from + fake.fault.afterBytes), () => setImmediate(() => request.socket.end()));
  };

  const drawn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) parts.push(chunk);
    const question = JSON.parse(Buffer.concat(parts).toString()) as Omit<AskedDraw, 'signature'>;
    const answer = fake.draw({ ...question, signature: String(request.headers['x-signature']) });
    if (fake.fault?.kind === 'lose_answer') return void request.socket.destroy();
    response.writeHead('code' in answer ? 409 : 200, { 'content-type': 'application/json' });
    response.end(fake.fault?.kind === 'garbage' ? '<html>Welcome to our hotel</html>' : JSON.stringify(answer));
  };

  const https = createServer({ key, cert: certificate }, (request, response) => {
    const path = request.url!.split('/').slice(4).join('/');
    if (path === 'wait') {
      held = response;
      return;
    }
    fake.requests.push([request.method, path, request.headers.range].filter((each) => each !== undefined).join(' '));
    if (fake.fault?.kind === 'silent') return;
    if (fake.fault?.kind === 'status') response.writeHead(fake.fault.status).end('{"error":"not now"}');
    else if (request.method === 'POST') void drawn(request, response).catch(() => request.socket.destroy());
    else if (request.method === 'PUT') void put(path, request, response).catch(() => request.socket.destroy());
    else get(path, request, response);
  });
  https.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    https.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    https.close();
  });
  const fake: FakeCounty = {
    server: { url: `https://127.0.0.1:${(https.address() as AddressInfo).port}`, pin },
    fault: null,
    isAsking: false,
    hasRanges: true,
    tag: (data) => `"${createHash('sha256').update(data).digest('base64url')}"`,
    draw: () => ({ code: 'nothing' }),
    requests: [],
    call() {
      const response = held;
      held = null;
      response?.end('exchange');
      return response !== null;
    },
    stored,
    down: new Map(),
    forget(afterFileSeq) {
      postedSeq = afterFileSeq;
      for (const path of acks.keys()) if (Number(path.split('/').at(-1)) > afterFileSeq) acks.delete(path);
      for (const path of stored.keys()) if (Number(path.split('/').at(-2)) > afterFileSeq) stored.delete(path);
    },
  };
  return fake;
}
