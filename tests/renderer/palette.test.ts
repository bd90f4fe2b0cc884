// The contrast of every colour of the page, in both themes, computed from the tokens as WCAG 2.2 defines it (U12).

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('../../renderer/tokens.css', import.meta.url), 'utf8');
const normal = coloursOf(':root');
const themes = { normal, sunlight: { ...normal, ...coloursOf(":root[data-theme='sunlight']") } };

const grounds = ['ground', 'surface', 'sunken', 'points-soft', 'good-soft', 'attention-soft', 'bad-soft'];
/** Any of them may stand on any ground. */
const texts = ['ink', 'ink-soft', 'primary', 'points', 'good', 'attention', 'bad'];
/** What `on-primary` and the white signs are written on. */
const fills = ['primary', 'primary-pressed', 'points', 'good', 'attention', 'bad'];
/** Frames of what can be pressed, the ring of the focus, and the dot of a late exchange, which stands on `ground` alone. */
const shapes = ['line', 'focus'];

describe.each(Object.entries(themes))('the %s theme', (_name, colours) => {
  const pairs = (names: readonly string[], on: readonly string[]) =>
    names.flatMap((name) => on.map((ground) => ({ pair: `${name} on ${ground}`, is: contrast(colours[name]!, colours[ground]!) })));
  const under = (least: number, tried: ReturnType<typeof pairs>) => tried.filter(({ is }) => !(is >= least));

  test('has text of at least 7:1 on every ground', () => {
    expect(under(7, [...pairs(texts, grounds), ...pairs(['on-primary'], fills)])).toEqual([]);
  });

  test('has borders and signs of at least 3:1', () => {
    expect(under(3, [...pairs(shapes, grounds), ...pairs(['late', 'bad', 'line'], ['ground'])])).toEqual([]);
  });
});

test('in sunlight no pair has less contrast than usual, and even the lines that only part rows are seen', () => {
  const tried = [...texts, ...shapes, 'late'].flatMap((name) => grounds.map((ground) => [name, ground] as const));
  const of = (theme: keyof typeof themes, [name, ground]: readonly [string, string]) =>
    contrast(themes[theme][name]!, themes[theme][ground]!);
  expect(tried.filter((pair) => of('sunlight', pair) <= of('normal', pair))).toEqual([]);
  expect(grounds.filter((ground) => of('sunlight', ['line-soft', ground]) < 3)).toEqual([]);
});

test('every colour of the page is a token with a place above', () => {
  const placed = new Set([...grounds, ...texts, ...fills, ...shapes, 'on-primary', 'late', 'line-soft']);
  expect(Object.keys(normal).toSorted()).toEqual([...placed].toSorted());
  expect(Object.keys(coloursOf(":root[data-theme='sunlight']")).filter((name) => !placed.has(name))).toEqual([]);
});

test('contrast is that of WCAG: black on white 21, and #767676 on white just over 4.5', () => {
  expect([contrast('#000000', '#ffffff'), contrast('#ffffff', '#767676').toFixed(2)]).toEqual([21, '4.54']);
});

/** The colours that a rule of tokens.css sets, by token. */
function coloursOf(selector: string): Readonly<Record<string, string>> {
  const rule = css.slice(css.indexOf(`  ${selector} {`));
  const body = rule.slice(0, rule.indexOf('}'));
  return Object.fromEntries([...body.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name!, colour!]));
}

/** WCAG 2.2, "contrast ratio": of two colours #rrggbb, in either order. */
function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].toSorted((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
