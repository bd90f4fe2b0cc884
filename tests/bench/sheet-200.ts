// How long the engine is busy with one settlement sheet: two hundred days, from the settlement to the PDF. Writes no file.

import { fen } from '../../db/model/amounts.ts';
import { settlementOf } from '../../db/model/settlement.ts';
import { dayMs } from '../../db/model/time.ts';
import { drawSheet } from '../../hardware/sheet/draw-sheet.ts';
import type { Sheet } from '../../hardware/sheet/sheet.ts';
import { type Bench, type Row, figuresOf, timed } from './measure.ts';

export const sheetOfTwoHundred: Bench = {
  name: 'sheet-200',
  async run({ quick }) {
    const rows: Row[] = [];
    for (const language of ['zh', 'bo'] as const) {
      const ms: number[] = [];
      for (let i = -5; i < (quick ? 20 : 100); i += 1) {
        const sheet = aSheet(language, i); // other figures each time, as from month to month
        const drawn = timed(() => drawSheet(sheet));
        if (i >= 0) ms.push(drawn);
      }
      rows.push({
        kind: 'measured',
        name: 'sheet-200',
        measures: `settlement sheet of 200 lines drawn as PDF, ${language}`,
        unit: 'ms',
        figures: figuresOf(ms),
        against: null,
        goals: [{ of: 'p50', is: 'figure', atMost: 150 }],
      });
    }
    return rows;
  },
};

function aSheet(language: 'zh' | 'bo', turn: number): Sheet {
  const firstDay = Date.UTC(2026, 0, 1);
  const closings = Array.from({ length: 200 }, (_, i) => ({
    number: i + 1,
    day: new Date(firstDay + i * dayMs).toISOString().slice(0, 10),
    sharePermille: 20,
    figures: {
      'redeemed/10/points': 100 * (1_000 + 37 * i + turn),
      'redeemed/10/fen': 10 * (1_000 + 37 * i + turn),
      'pointsGoods.fen': 7 * i,
    },
  }));
  const shop = { zh: '琼结镇白日社区文明超市', bo: 'འཕྱོངས་རྒྱས་རྫོང་ཚོང་ཁང་ཨང 01', countyZh: '琼结县', countyBo: 'འཕྱོངས་རྒྱས་རྫོང' };
  return {
    body: settlementOf({
      kiosk: 'QJ-01',
      inc: 1,
      number: turn + 10,
      closings,
      scheme: { budget: { zh: '年度经费', yearFen: fen(120_000_000), usedFen: fen(81_642_350), asOf: firstDay } },
      adjustments: [{ id: 'A-1', zh: '补发', fen: fen(1_234) }],
      printed: { language, operatorName: '格桑卓玛', shop },
    }),
    county: '540525',
    kiosk: 'QJ-01',
    at: firstDay,
    state: 'prepared',
    states: [],
    head: { seq: 12_345, leaf: 'L'.repeat(43) },
    checkpoint: { size: 12_300, root: 'R'.repeat(43) },
  };
}
