// How long the engine is busy with one receipt: forty lines, drawn from the figures to the dots. Prints nothing.

import { samples as receipts } from '../../build/receipt-samples.ts';
import { drawReceipt } from '../../hardware/printer/draw-receipt.ts';
import { type Bench, type Row, figuresOf, timed } from './measure.ts';

export const receiptOfForty: Bench = {
  name: 'receipt-40',
  async run({ quick }) {
    const rows: Row[] = [];
    for (const [language, dots] of [
      ['zh', 384],
      ['bo', 576],
    ] as const) {
      const ms: number[] = [];
      for (let i = -10; i < (quick ? 30 : 200); i += 1) {
        // Another number each time, as at a till: the fonts and the usual words are known, this receipt is not.
        const receipt = { ...receipts.forty(language), receiptNumber: `qj-03-${String(100_000 + i)}`, operatorName: `操作${i}` };
        const drawn = timed(() => drawReceipt(receipt, { dots, copy: 0 }));
        if (i >= 0) ms.push(drawn);
      }
      rows.push({
        kind: 'measured',
        name: 'receipt-40',
        measures: `receipt of 40 lines drawn, ${language}, ${dots === 384 ? 58 : 80} mm`,
        unit: 'ms',
        figures: figuresOf(ms),
        against: null,
        goals: [{ of: 'p50', is: 'figure', atMost: 30 }],
      });
    }
    return rows;
  },
};
