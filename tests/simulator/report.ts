// What many runs came to: a table for people, and a picture of what is bounded beside its bound, of honest declines, and of days to rest.

import type { RunReport } from './run.ts';
import { kioskCap, linesMax, roamCap } from './template.ts';

/** m·c, hundredths of a point. */
const residentBound = linesMax * roamCap;
/** ΣG_k of a county of so many kiosks, hundredths of a point. */
const countyBound = (kiosks: number): number => kiosks * kioskCap;

/** The table, lines of text. */
export function tableOf(reports: readonly RunReport[]): string {
  const sum = (of: (report: RunReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const most = (of: (report: RunReport) => number): number => Math.max(0, ...reports.map(of));
  const served = sum(({ honest }) => honest.served);
  const declined = sum(({ honest }) => honest.declined);
  const quiet = reports.flatMap(({ quietAfter }) => (quietAfter === null ? [] : [quietAfter]));
  const restless = reports.length - quiet.length;
  const kiosks = most((report) => report.kiosks);
  const rows: (readonly [string, string])[] = [
    ['runs', `${reports.length}, of which ${reports.filter(({ violation }) => violation !== null).length} broke an invariant`],
    ['steps, events, sales', `${sum(({ steps }) => steps)}, ${sum(({ events }) => events)}, ${sum(({ sales }) => sales)}`],
    ['largest overspend of a resident', `${pointsText(most(({ peaks }) => peaks.overspend))} of m·c = ${pointsText(residentBound)} points`],
    [
      'largest overspend of a county',
      `${pointsText(most(({ peaks }) => peaks.countyOverspend))} of ΣG_k = ${pointsText(countyBound(kiosks))} points`,
    ],
    ['largest unsettled roaming of a resident', `${pointsText(most(({ peaks }) => peaks.unsettled))} points`],
    ['declined though the points were there', `${declined} of ${served + declined} (${declineOf(served, declined).toFixed(1)} %)`],
    [
      'days to rest, a night in each',
      `${mean(quiet).toFixed(1)} in the mean, ${Math.max(0, ...quiet)} at most${restless === 0 ? '' : `; ${restless} never were`}`,
    ],
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

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length);
}

/** Of a hundred visits of residents who had the points. */
function declineOf(served: number, declined: number): number {
  return (100 * declined) / Math.max(1, served + declined);
}

/** One figure of each run, in a panel of the picture. */
interface Panel {
  readonly title: string;
  /** Null: the run has none. */
  readonly of: (report: RunReport) => number | null;
  readonly text: (value: number) => string;
  /** A line that no dot may be above. */
  readonly bound: { readonly value: number; readonly name: string } | null;
}

const panel = { width: 560, height: 300, left: 64, right: 16, top: 48, bottom: 34 };
const colours = { run: '#2f6f8f', broken: '#c0392b', bound: '#c0392b', axis: '#888888' };

/**
 * An SVG of four panels, a dot for each run: the largest overspend of a resident beside m·c, the county's beside ΣG_k, honest declines, and
 * days to rest. Runs that broke an invariant are red.
 */
export function pictureOf(reports: readonly RunReport[]): string {
  const kiosks = Math.max(0, ...reports.map((report) => report.kiosks));
  const panels: readonly Panel[] = [
    {
      title: 'Largest overspend of one resident, points',
      of: ({ peaks }) => Math.max(0, peaks.overspend),
      text: pointsText,
      bound: { value: residentBound, name: `m·c = ${pointsText(residentBound)}` },
    },
    {
      title: 'Largest overspend of the county, points',
      of: ({ peaks }) => peaks.countyOverspend,
      text: pointsText,
      bound: { value: countyBound(kiosks), name: `ΣG_k = ${pointsText(countyBound(kiosks))}, of ${kiosks} kiosks` },
    },
    {
      title: 'Declined though the points were there, %',
      of: ({ honest }) => declineOf(honest.served, honest.declined),
      text: (value) => value.toFixed(1),
      bound: null,
    },
    { title: 'Days to rest after the last one', of: ({ quietAfter }) => quietAfter, text: (value) => value.toFixed(0), bound: null },
  ];
  const { width, height } = panel;
  const head = 44;
  const seeds = `seeds ${reports[0]?.seed ?? 0} to ${reports.at(-1)?.seed ?? 0}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * width}" height="${head + 2 * height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${2 * width}" height="${head + 2 * height}" fill="#ffffff"/>`,
    `<text x="${panel.left}" y="30" font-size="17">${reports.length} runs of ${kiosks} kiosks, ${seeds}: a dot for each</text>`,
    ...panels.flatMap((each, i) => [
      `<g transform="translate(${(i % 2) * width} ${head + Math.floor(i / 2) * height})">`,
      ...panelOf(each, reports),
      '</g>',
    ]),
    '</svg>',
    '',
  ].join('\n');
}

function panelOf({ title, of, text, bound }: Panel, reports: readonly RunReport[]): readonly string[] {
  const { width, height, left, right, top, bottom } = panel;
  const seen = Math.max(0, ...reports.flatMap((report) => of(report) ?? []));
  const most = Math.max(bound?.value ?? 0, seen) * 1.1 || 1;
  const x = (i: number): string => (left + ((i + 0.5) * (width - left - right)) / Math.max(1, reports.length)).toFixed(1);
  const y = (value: number): string => (height - bottom - (value * (height - top - bottom)) / most).toFixed(1);
  const line = (value: number, colour: string, dashes: string): string =>
    `<line x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}" stroke="${colour}"${dashes}/>`;
  const mark = (value: number): string =>
    `<text x="${left - 8}" y="${(Number(y(value)) + 4).toFixed(1)}" text-anchor="end" fill="${colours.axis}">${text(value)}</text>`;
  const dots = reports.flatMap((report, i) => {
    const value = of(report);
    if (value === null) return [];
    const fill = report.violation === null ? colours.run : colours.broken;
    return `<circle cx="${x(i)}" cy="${y(value)}" r="3" fill="${fill}"><title>seed ${report.seed}: ${text(value)}</title></circle>`;
  });
  const isApart = Math.abs(Number(y(seen)) - Number(y(0))) > 14; // else one mark would lie on the other
  return [
    `<text x="${left}" y="26" font-size="14">${title}</text>`,
    line(0, colours.axis, ''),
    mark(0),
    ...(seen > 0 && isApart ? [line(seen, '#dddddd', ''), mark(seen)] : []),
    ...(bound === null
      ? []
      : [
          line(bound.value, colours.bound, ' stroke-dasharray="6 4"'),
          `<text x="${left + 6}" y="${(Number(y(bound.value)) - 6).toFixed(1)}" fill="${colours.bound}">bound ${bound.name}</text>`,
        ]),
    ...dots,
  ];
}
