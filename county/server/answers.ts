// The forms of the server's answers, and the document of its interface that is made of them (openapi.json; docs/files.md, H): what every
// route may answer, what a kiosk's pass is, types other than JSON, and headers. Answers nothing itself.

import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { passHeader } from '../../db/model/kiosk-pass.ts';

type Headers = Readonly<Record<string, string>>;

/** An answer of another type than JSON, or with headers of its own: what it is, and what each header says. */
function answer(description: string, type: string, schema: z.ZodType, headers: Headers) {
  return { description, content: { [type]: { schema } }, headers };
}

export const packedType = 'application/gzip';
export const textType = 'text/plain; charset=utf-8';

/** An answer without a body, told by its headers. */
export function bare(description: string, headers: Headers = {}) {
  return { description, content: {}, headers };
}

/** Text: a signed note, or a word. */
export function said(description: string, headers: Headers = {}) {
  return answer(description, 'text/plain', z.string(), headers);
}

/** A packed file, or a part of it. */
export function packed(description: string, headers: Headers) {
  return answer(description, packedType, z.string().meta({ format: 'binary' }), headers);
}

/** A refusal: its code and no more. */
export function refused(description: string, headers: Headers = {}) {
  return answer(description, 'application/json', z.object({ code: z.string() }), headers);
}

export const tooOften = refused('too_often: one source asked more than its share', { 'retry-after': 'In how many seconds to ask again' });

/** What every route of a county may answer beside its own. */
export const everyAnswer = {
  400: refused('bad_request: a path, a query, a header or a body that is none'),
  404: refused('other_county, unknown_kiosk, not_found: there is none, or none yet'),
  429: tooOften,
  500: refused('fault: the server’s own journal has what it was'),
  503: refused('busy: too many wait for the book', { 'retry-after': 'In how many seconds to ask again' }),
  507: refused('no_room: the same may fit later'),
};

/** And one that takes a body. */
export const bodyAnswer = {
  413: refused('too_large'),
  415: refused('other_type: a content-type that this takes not'),
};

/** And one that answers a kiosk alone: the connection is closed behind the refusal. */
export const kioskAnswer = { 403: refused('not_this_kiosk: no pass of this kiosk’s key') };

/** Said of a route that wants the header x-kiosk-pass. */
export const withPass = [{ kioskPass: [] }];

/** How the document is made. */
export const interfaceDocument: FastifyDynamicSwaggerOptions = {
  openapi: {
    info: {
      title: '积分县级服务器',
      description:
        'Files of kiosks up, files of the county down, the log for everybody. What the files are, and what is signed: docs/files.md. ' +
        'What is on no route here is answered with 404 not_found; a request that is no HTTP, with 400 or 431 and nothing else.',
      version: '1',
    },
    components: {
      securitySchemes: {
        kioskPass: {
          type: 'apiKey',
          in: 'header',
          name: passHeader,
          description: 'Ed25519 signature by the kiosk’s key, base64url, over what docs/files.md, H says',
        },
      },
    },
  },
  transform(of) {
    const made = jsonSchemaTransform(of);
    const shapes = made.schema as { body?: unknown; response?: Record<string, object> }; // the transform’s own
    if (of.schema.consumes?.includes(packedType) === true) shapes.body = { type: 'string', format: 'binary' }; // read as it comes, by no shape
    const own = (of.schema.response ?? {}) as Readonly<Record<string, Partial<ReturnType<typeof bare>>>>;
    for (const [status, { description, content, headers = {} }] of Object.entries(own)) {
      const shape = shapes.response?.[status];
      if (shapes.response === undefined || shape === undefined) continue;
      const told = mapped(headers, (what) => ({ type: 'string', description: what }));
      const isBare = content !== undefined && Object.keys(content).length === 0;
      shapes.response[status] = { ...(isBare ? { type: 'null', description } : shape), headers: told };
    }
    return made;
  },
  transformObject(of) {
    return 'openapiObject' in of ? shared(of.openapiObject) : of.swaggerObject;
  },
};

/** Answers that many routes give stand once. */
function shared<Document extends object>(document: Document): Document {
  const made = document as { paths?: Paths; components?: { responses?: Record<string, object> } }; // as the plugin makes it
  const times = new Map<string, number>();
  const each = (work: (responses: Record<string, object>, status: string, text: string) => void): void => {
    for (const path of Object.values(made.paths ?? {}))
      for (const { responses = {} } of Object.values(path))
        for (const [status, response] of Object.entries(responses)) work(responses, status, JSON.stringify(response));
  };
  each((_responses, status, text) => times.set(`${status} ${text}`, (times.get(`${status} ${text}`) ?? 0) + 1));
  const names = new Map<string, string>();
  each((responses, status, text) => {
    if ((times.get(`${status} ${text}`) ?? 0) < 2) return;
    const name = names.get(text) ?? `${status}${'x'.repeat([...names.values()].filter((one) => one.startsWith(status)).length)}`;
    names.set(text, name);
    made.components = { ...made.components, responses: { ...made.components?.responses, [name]: JSON.parse(text) as object } };
    responses[status] = { $ref: `#/components/responses/${name}` };
  });
  return document;
}

type Paths = Record<string, Record<string, { readonly responses?: Record<string, object> }>>;

function mapped<From, To>(of: Readonly<Record<string, From>>, make: (value: From) => To): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, make(value)]));
}
