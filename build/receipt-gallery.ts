// Draws receipts, tickets and slips of every kind, in every language and width, as PNG, for people to look at: node build/receipt-gallery.ts DIR

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Raster } from '../db/model/receipt.ts';
import { languages } from '../db/model/catalogue.ts';
import { drawPeriod, drawReceipt, drawReturn, drawSettlement, drawTicket } from '../hardware/printer/draw-receipt.ts';
import { rasterToPng } from '../hardware/printer/png.ts';
import { type SampleName, samples } from './receipt-samples.ts';
import { periodSamples, returnSamples, settlementSamples } from './slip-samples.ts';
import { type TicketSampleName, ticketSamples } from './ticket-samples.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('node build/receipt-gallery.ts DIR');
mkdirSync(directory, { recursive: true });

for (const language of languages) {
  for (const dots of [384, 576] as const) {
    for (const [name, sample] of Object.entries(samples) as [SampleName, (typeof samples)[SampleName]][]) {
      const copy = name === 'phone' ? 2 : 0;
      const raster = drawReceipt(sample(language), { dots, copy });
      writeFileSync(join(directory, `${language}-${dots}-${name}.png`), rasterToPng(raster));
    }
    for (const [name, sample] of Object.entries(ticketSamples) as [TicketSampleName, (typeof ticketSamples)[TicketSampleName]][]) {
      const raster = drawTicket(sample(language), { dots, copy: name === 'thirty' ? 1 : 0 });
      writeFileSync(join(directory, `ticket-${language}-${dots}-${name}.png`), rasterToPng(raster));
    }
    for (const [name, sample] of Object.entries(returnSamples))
      keep(`return-${language}-${dots}-${name}`, drawReturn(sample(language), { dots, copy: 0 }));
    for (const [name, sample] of Object.entries(periodSamples))
      keep(`period-${language}-${dots}-${name}`, drawPeriod(sample(language), { dots, copy: name === 'small' ? 1 : 0 }));
    for (const [name, sample] of Object.entries(settlementSamples))
      keep(`settlement-${language}-${dots}-${name}`, drawSettlement(sample(language), { dots, copy: 0 }));
  }
}

function keep(name: string, raster: Raster): void {
  writeFileSync(join(directory!, `${name}.png`), rasterToPng(raster)); // checked above
}
