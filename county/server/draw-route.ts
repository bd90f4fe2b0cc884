// Draws over the network: a till asks for rights of one account, signed with its key, and has a voucher back. Believes nobody for the
// address they ask from; a refusal says its code and no more.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CountyBook } from '../book/county-book.ts';
import { type Callable, newDraws } from '../draws.ts';
import { bodyAnswer, everyAnswer, refused } from './answers.ts';

type Typed = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

const id = z.string().regex(/^[A-Za-z0-9._-]{1,40}$/);

/** Adds the route to the server; `perMinute` of one source. */
export function drawRoute(
  app: Typed,
  book: CountyBook,
  { callable, perMinute }: { readonly callable: Callable; readonly perMinute: number },
): void {
  const draws = newDraws(book, { callable, monoMs: () => performance.now() });
  app.post(
    '/v1/:county/:kiosk/draw',
    {
      config: { rateLimit: { max: perMinute, timeWindow: '1 minute' } },
      schema: {
        summary:
          'A voucher for rights of an account at this kiosk, fetched from the shop that holds them where that can be called; the same nonce again has the same voucher',
        params: z.object({ county: z.string().regex(/^\d{6}$/), kiosk: id }),
        headers: z.object({ 'x-signature': z.string().regex(/^[A-Za-z0-9_-]{86}$/) }),
        body: z.strictObject({
          account: id,
          want: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
          nonce: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
        }),
        response: {
          ...everyAnswer,
          ...bodyAnswer,
          200: z.object({ voucher: z.string(), number: z.int(), amount: z.int() }),
          403: refused('bad_signature'),
          409: refused('No voucher, and why: elsewhere, late, too_often, nothing and others'),
        },
      },
    },
    async (request, reply) => {
      const question = { kiosk: request.params.kiosk, ...request.body };
      const drawn = await draws.ask({ question, signature: Buffer.from(request.headers['x-signature'], 'base64url') });
      if (drawn.ok) return { voucher: drawn.value.text, number: drawn.value.number, amount: drawn.value.amount };
      const status = drawn.code === 'bad_signature' ? 403 : drawn.code === 'unknown_kiosk' ? 404 : 409;
      return reply.code(status).send({ code: drawn.code });
    },
  );
}
