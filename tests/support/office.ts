// The clerk's pages of a county, served without a network, for who asks them as a browser does. Signs nobody in.

import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { clerkPages } from '../../county/pages/app.ts';
import { newPresence } from '../../county/server/presence.ts';
import { countyServer } from '../../county/server/server.ts';

export interface Office {
  readonly county: CountyBook;
  readonly app: FastifyInstance;
  /** What was a fault of ours: nothing. */
  readonly said: readonly string[];
}

/** Until the running test ends. */
export async function office(county: CountyBook): Promise<Office> {
  const said: string[] = [];
  const complain = (line: string): void => void said.push(line);
  const monoMs = (): number => performance.now();
  const presence = newPresence(monoMs);
  const pages = clerkPages({ book: county, presence, demoNight: null, nextNight: () => 0, monoMs }, complain);
  const app = await countyServer(county, { identity: null, presence, pages, complain });
  onTestFinished(() => app.close());
  return { county, app, said };
}
