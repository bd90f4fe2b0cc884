// How a process that a loop of the county kills hears what to do: one line of JSON; and how it opens the book. Kills nothing.

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';

/** The order that the loop sends. */
export async function readOrder<Order>(): Promise<Order> {
  const lines = createInterface({ input: process.stdin });
  console.log('loaded');
  const [text] = (await once(lines, 'line')) as [string];
  return JSON.parse(text) as Order; // of the loop
}

/** The county's book, which a kill before this must not have broken. */
export function openKilled(directory: string, wallMs: () => number): CountyBook {
  const opened = openCounty(directory, { wallMs });
  if (!opened.ok) throw new Error(opened.code);
  return opened.value;
}
