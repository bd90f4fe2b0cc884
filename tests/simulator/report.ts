// What many runs came to: a table for people, and a picture of overspend against its bound.

import type { RunReport } from './run.ts';
import { linesMax, roamCap } from './template.ts';

const bound = linesMax * roamCap;

/** The table, lines of text. */
export function tableOf(reports: readonly RunReport[]): string {
  const sum = (of: (report: RunReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const most = (of: (report: RunReport) => number): number => Math.max(0, ...reports.map(of));
  const served = sum(({ honest }) => honest.served);
  const declined = sum(({ honest }) => honest.declined);
  const quiet = reports.flatMap(({ quietAfter }) => (quietAfter === null ? [] : [quietAfter]));
  const rows: (readonly [string, string])[] = [
    ['runs', `${reports.length}, of which ${reports.filter(({ violation }) => violation !== null).length} broke an invariant`],
    ['steps, events, sales', `${sum(({ steps }) => steps)}, ${sum(({ events }) => events)}, ${sum(({ sales }) => sales)}`],
    ['largest overspend of a resident', `${pointsText(most(({ peaks }) => peaks.overspend))} of m·c = ${pointsText(bound)} points`],
    ['largest overspend of a county', `${pointsText(most(({ peaks }) => peaks.countyOverspend))} points`],
    ['largest unsettled roaming of a resident', `${pointsText(most(({ peaks }) => peaks.unsettled))} points`],
    [
      'declined though the points were there',
      `${declined} of ${served + declined} (${((100 * declined) / Math.max(1, served + declined)).toFixed(1)} %)`,
    ],
    ['rounds of everybody to rest', `${Math.max(0, ...quiet)} at most`],
    ...counted(
      'fault',
      reports.map(({ injected }) => injected),
    ),
    ...counted(
      'answer',
      reports.map(({ verdicts }) => verdicts),
    ),
    ...counted(
      'exception',
      reports.map(({ exceptions }) => exceptions),
    ),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')}\n`;
}

function counted(of: string, all: readonly { readonly [name: string]: number | undefined }[]): (readonly [string, string])[] {
  const names = [...new Set(all.flatMap((each) => Object.keys(each)))].toSorted();
  return names.map((name) => [`${of} ${name}`, String(all.reduce((sum, each) => sum + (each[name] ?? 0), 0))]);
}

function pointsText(hundredths: number): string {
  return (hundredths / 100).toFixed(0);
}

const picture = { width: 960, height: 420, left: 70, right: 20, top: 50, bottom: 50 };

/** An SVG: each run's largest overspend of one resident, beside the bound m·c. */
export function pictureOf(reports: readonly RunReport[]): string {
  const { width, height, left, right, top, bottom } = picture;
  const most = Math.max(bound, ...reports.map(({ peaks }) => peaks.overspend)) * 1.1;
  const x = (i: number): number => left + ((i + 0.5) * (width - left - right)) / Math.max(1, reports.length);
  const y = (value: number): number => height - bottom - (value * (height - top - bottom)) / most;
  const dots = reports.map(({ peaks, seed, violation }, i) => {
    const title = `<title>seed ${seed}: ${pointsText(peaks.overspend)}</title>`;
    return `<circle cx="${x(i).toFixed(1)}" cy="${y(Math.max(0, peaks.overspend)).toFixed(1)}" r="3" fill="${violation === null ? '#2f6f8f' : '#c0392b'}">${title}</circle>`;
  });
  const line = (value: number, colour: string, words: string): string =>
    `<line x1="${left}" x2="${width - right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="${colour}" stroke-dasharray="6 4"/>` +
    `<text x="${left + 6}" y="${(y(value) - 6).toFixed(1)}" fill="${colour}">${words}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${left}" y="26" font-size="16">Overspend of one resident, largest of each run, in points (${reports.length} seeds)</text>`,
    line(bound, '#c0392b', `bound m·c = ${pointsText(bound)}`),
    line(0, '#888888', '0'),
    ...dots,
    `<text x="${left}" y="${height - 16}">seeds ${reports[0]?.seed ?? 0} to ${reports.at(-1)?.seed ?? 0}</text>`,
    '</svg>',
    '',
  ].join('\n');
}
