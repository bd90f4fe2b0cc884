// The process that the intake loop kills: opens a county's book and takes files in, one after the other, saying each that it begins and
// each that is answered.

import { type Upload, takeIn } from '../../county/book/intake.ts';
import { openKilled, readOrder } from './read-order.ts';

export interface TakerOrder {
  readonly county: string;
  readonly uploads: readonly Upload[];
  readonly wallMs: number;
  /** The control: says "taken" before it is so. */
  readonly acknowledgeEarly: boolean;
}

const order = await readOrder<TakerOrder>();
const book = openKilled(order.county, () => order.wallMs);
for (const upload of order.uploads) {
  if (order.acknowledgeEarly) console.log(`taken ${upload.fileSeq}`);
  console.log(`taking ${upload.fileSeq}`);
  const { verdict } = await takeIn(book, upload);
  if (verdict !== 'ACCEPTED' && verdict !== 'DUPLICATE') throw new Error(`file ${upload.fileSeq}: ${verdict}`);
  if (!order.acknowledgeEarly) console.log(`taken ${upload.fileSeq}`);
}
console.log('all');
setInterval(() => {}, 1_000); // waits for its kill
