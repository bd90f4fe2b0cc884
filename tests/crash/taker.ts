// The process that the intake loop kills: opens a county's book and takes files in, one after the other, saying each that is answered.

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { openCounty } from '../../county/book/county-book.ts';
import { type Upload, takeIn } from '../../county/book/intake.ts';

export interface TakerOrder {
  readonly county: string;
  readonly uploads: readonly Upload[];
  readonly wallMs: number;
  /** The control: says "taken" before it is so. */
  readonly acknowledgeEarly: boolean;
}

const lines = createInterface({ input: process.stdin });
console.log('loaded');
const [text] = (await once(lines, 'line')) as [string];
const order = JSON.parse(text) as TakerOrder; // of the loop
const opened = openCounty(order.county, { wallMs: () => order.wallMs });
if (!opened.ok) throw new Error(opened.code);
for (const upload of order.uploads) {
  if (order.acknowledgeEarly) console.log(`taken ${upload.fileSeq}`);
  const { verdict } = await takeIn(opened.value, upload);
  if (verdict !== 'ACCEPTED' && verdict !== 'DUPLICATE') throw new Error(`file ${upload.fileSeq}: ${verdict}`);
  if (!order.acknowledgeEarly) console.log(`taken ${upload.fileSeq}`);
}
console.log('all');
setInterval(() => {}, 1_000); // waits for its kill
