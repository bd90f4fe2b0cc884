// Cards as people hold them: a picture of each sample, and sheets to print for a whole shop. Shows no name but a masked one.

import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants } from 'node:zlib';
import QRCode from 'qrcode';
import { type Card, sealCard } from '../db/model/card.ts';
import { type Resident, maskName } from '../db/model/catalogue.ts';
import type { KeyObject } from 'node:crypto';

/** M repairs 15 %, enough for a worn card (hardware.md E.4); a border of 4 modules is what the standard asks. */
const correction = 'M';
const borderModules = 4;
const pixelsPerModule = 4;
/** A QR has no shades to filter and repeats itself: packed lightly it is made in 2 ms instead of 6. */
const plainPixels = { deflateLevel: constants.Z_BEST_SPEED, deflateStrategy: constants.Z_DEFAULT_STRATEGY, filterType: 0 };

/** Writes one card as PNG: `<kiosk>-<key>.png`. */
export async function writeCardPicture(directory: string, name: string, text: string): Promise<void> {
  const rendererOpts = { ...plainPixels }; // a copy: the renderer writes into it
  const png = await QRCode.toBuffer(text, {
    errorCorrectionLevel: correction,
    margin: borderModules,
    scale: pixelsPerModule,
    rendererOpts,
  });
  await writeFile(join(directory, `${name}.png`), png);
}

/** Someone to print a card for. */
export interface CardHolder {
  readonly resident: Resident;
  readonly card: Card;
}

/** Writes a sheet of cards as a page to print, one row after another; holds one card at a time. `keyOf`: what its number says seals it. */
export async function writeCardSheet(
  path: string,
  title: string,
  holders: Iterable<CardHolder>,
  keyOf: (kid: number) => KeyObject,
): Promise<void> {
  const page = function* (): Generator<string> {
    yield sheetHead(title);
    for (const holder of holders) yield cardFigure(holder, keyOf(holder.card.kid));
    yield '</body></html>\n';
  };
  await pipeline(Readable.from(page()), createWriteStream(path));
}

function cardFigure({ resident, card }: CardHolder, key: KeyObject): string {
  const { modules } = QRCode.create(sealCard(card, key), { errorCorrectionLevel: correction });
  const side = modules.size + 2 * borderModules;
  const caption = `${markupSafe(`${maskName(resident.name)} · ${resident.village}`)}<br>${resident.id} · ${card.issue}`;
  return `<figure><svg viewBox="0 0 ${side} ${side}"><path d="${darkRuns(modules.data, modules.size)}"/></svg><figcaption>${caption}</figcaption></figure>\n`;
}

/** A text that a page shows as it is: names and villages come from the office's lists. */
function markupSafe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** One rectangle a run of dark modules: a third of the bytes of one a module. */
function darkRuns(modules: Uint8Array, size: number): string {
  const runs: string[] = [];
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1) {
      const start = x;
      while (x < size && modules[y * size + x] === 1) x += 1;
      if (x > start) runs.push(`M${start + borderModules} ${y + borderModules}h${x - start}v1H${start + borderModules}z`);
    }
  return runs.join('');
}

/** Cards of 54 × 60 mm, three across A4. */
function sheetHead(title: string): string {
  return `<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>${markupSafe(title)}</title><style>
@page { size: A4; margin: 10mm }
body { font: 10pt sans-serif; margin: 0 }
figure { display: inline-block; width: 54mm; margin: 2mm; text-align: center; border: 0.2mm dashed #888; break-inside: avoid }
svg { width: 44mm; height: 44mm }
figcaption { padding-bottom: 2mm }
</style></head><body>
`;
}
