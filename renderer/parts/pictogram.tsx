// Simple pictures of goods and of what is recycled, for people who do not read: drawn here, no files. An unknown key is a box.

import type { PictureKey } from '../../db/model/picture-keys.ts';
import styles from './pictogram.module.css';

/** Colours of things, chosen to be told apart on white. */
const paint = {
  white: '#ffffff',
  cream: '#f6e7c1',
  straw: '#e3b94b',
  brown: '#8a5a2b',
  dark: '#3f3a33',
  red: '#d2453a',
  pink: '#f0a3a8',
  green: '#4f9a4d',
  lime: '#a9cf6a',
  blue: '#3f7fc4',
  sky: '#b5d8f2',
  grey: '#c3c0b8',
  violet: '#8d6bb8',
} as const;

type Shape = readonly [path: string, colour: keyof typeof paint | 'none'];

/** The picture `name` stands for, without a word: the goods' name is always beside it. */
export function Pictogram({ name }: { readonly name: string }) {
  const shapes = isPictureKey(name) ? pictures[name] : pictures.box;
  return (
    <svg className={styles.pictogram} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      {shapes.map(([path, colour]) => (
        <path key={path} d={path} fill={colour === 'none' ? 'none' : paint[colour]} />
      ))}
    </svg>
  );
}

/** Marks what is kept and handed over apart. In shape as well as colour; the word stands beside it. */
export function HazardMark() {
  return (
    <svg className={styles.pictogram} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <path d="M24 5L45 42H3z" fill={paint.straw} className={styles.bold} />
      <path d="M24 18v11M24 35v1" fill="none" className={styles.bold} />
    </svg>
  );
}

/** Whether the page has a picture of that name. */
export function isPictureKey(name: string): name is PictureKey {
  return Object.hasOwn(pictures, name);
}

const sack = 'M14 10h20l-3 5c6 5 7 12 6 20q-1 7-13 7t-13-7c-1-8 0-15 6-20z';
const bottle = 'M20 5h8v7c0 3 6 5 6 10v17q0 4-4 4H18q-4 0-4-4V22c0-5 6-7 6-10z';
const cap = 'M19 3h10v5H19z';
const packet = 'M12 8h24v32H12z';
const carton = 'M7 16l17-8 17 8v20l-17 8-17-8z';
const label = 'M16 25h16v11H16z';

function disc(x: number, y: number, r: number): string {
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
}

const pictures = {
  rice: [
    [sack, 'cream'],
    ['M20 26q4-6 8 0v7q-4 5-8 0z', 'white'],
    ['M17 15h14', 'none'],
  ],
  flour: [
    [sack, 'white'],
    ['M24 36V23M24 27l-5-4M24 27l5-4M24 32l-5-4M24 32l5-4', 'none'],
    ['M17 15h14', 'none'],
  ],
  noodles: [
    ['M9 26h30q0 14-15 14T9 26z', 'red'],
    ['M14 26q0-8 3-8t3 8M22 26q0-10 3-10t3 10M30 26q0-8 2-8t3 8', 'cream'],
    ['M30 22L41 5M34 22L45 8', 'none'],
  ],
  oil: [
    ['M17 5h9v6c0 3 9 5 9 11v17q0 4-4 4H17q-4 0-4-4V20c0-5 4-6 4-9z', 'straw'],
    ['M16 3h11v5H16z', 'red'],
    ['M24 25q6 7 0 10q-6-3 0-10z', 'cream'],
  ],
  butter: [
    ['M6 24l8-9h28l-8 9z', 'cream'],
    ['M6 24h28v14H6z', 'straw'],
    ['M34 24l8-9v14l-8 9z', 'straw'],
    ['M15 24v14', 'none'],
  ],
  barley: [
    ['M24 44V20', 'none'],
    ['M24 20q-5-6 0-14q5 8 0 14z', 'straw'],
    ['M23 28q-9-1-9-10q8 1 9 10z', 'straw'],
    ['M25 28q9-1 9-10q-8 1-9 10z', 'straw'],
    ['M23 37q-9-1-9-10q8 1 9 10z', 'straw'],
    ['M25 37q9-1 9-10q-8 1-9 10z', 'straw'],
  ],
  tsampa: [
    ['M7 26h34q-2 15-17 15T7 26z', 'brown'],
    ['M10 26q14-22 28 0z', 'cream'],
    ['M18 20l3 2M26 17l2 3M30 22l2 2', 'none'],
  ],
  tea: [
    ['M8 16h32v22H8z', 'brown'],
    ['M8 16l6-7h20l6 7z', 'dark'],
    ['M24 21q8 7 0 14q-8-7 0-14zM24 21v14', 'lime'],
  ],
  salt: [
    [packet, 'sky'],
    ['M12 15h24', 'none'],
    ['M18 22h12v12H18z', 'white'],
    ['M24 24v8M20 28h8', 'none'],
  ],
  sugar: [
    [packet, 'pink'],
    ['M12 15h24', 'none'],
    ['M17 28l6-3 6 3v6l-6 3-6-3z', 'white'],
    ['M17 28l6 3 6-3M23 31v6', 'none'],
  ],
  'soy-sauce': [
    [bottle, 'dark'],
    [cap, 'red'],
    [label, 'cream'],
  ],
  vinegar: [
    [bottle, 'brown'],
    [cap, 'dark'],
    [label, 'white'],
    ['M20 30h8', 'none'],
  ],
  egg: [
    ['M24 8q12 12 10 22q-2 10-10 10t-10-10Q12 20 24 8z', 'cream'],
    ['M19 26q0-6 4-9', 'none'],
  ],
  milk: [
    ['M13 18l5-9h12l5 9v24H13z', 'white'],
    ['M13 18h22M18 9v-4h12v4', 'none'],
    ['M13 28q11-6 22 2v12H13z', 'sky'],
  ],
  meat: [
    ['M9 26c0-12 14-18 24-12c9 6 7 18-3 21c-6 2-5 6-12 6c-6 0-9-8-9-15z', 'red'],
    [disc(30, 22, 5), 'cream'],
    ['M15 30q3 5 8 3', 'none'],
  ],
  vegetable: [
    ['M24 42c-5 0-7-8-6-14h12c1 6-1 14-6 14z', 'white'],
    ['M18 29C6 26 8 12 17 13C18 4 30 4 31 13C40 12 42 26 30 29z', 'green'],
    ['M24 40V18', 'none'],
  ],
  fruit: [
    ['M24 15c10-6 18 2 15 13c-2 9-8 15-15 12c-7 3-13-3-15-12C6 17 14 9 24 15z', 'red'],
    ['M24 15q0-6 4-9', 'none'],
    ['M26 10q7-5 11 0q-6 4-11 0z', 'green'],
  ],
  snack: [
    ['M11 8l3 3 3-3 3 3 4-3 3 3 4-3 3 3 3-3v32l-3-3-3 3-4-3-3 3-4-3-3 3-3-3-3 3z', 'straw'],
    [disc(24, 25, 8), 'red'],
    ['M20 25h8', 'none'],
  ],
  candy: [
    [disc(24, 24, 9), 'pink'],
    ['M16 20L6 14v20l10-6z', 'red'],
    ['M32 20l10-6v20l-10-6z', 'red'],
    ['M19 30q3-7 10-11', 'none'],
  ],
  drink: [
    ['M13 12h22l-3 31H16z', 'sky'],
    ['M14 22h20l-2 21H16z', 'straw'],
    ['M24 12L28 3h6', 'none'],
  ],
  water: [
    [bottle, 'sky'],
    [cap, 'blue'],
    ['M24 24q7 8 0 12q-7-4 0-12z', 'blue'],
  ],
  liquor: [
    ['M20 4h8v12l4 5v18q0 4-4 4h-8q-4 0-4-4V21l4-5z', 'white'],
    ['M19 3h10v6H19z', 'red'],
    ['M16 25h16v12H16z', 'red'],
    ['M24 28v6', 'none'],
  ],
  tobacco: [
    ['M10 16h22v27H10z', 'white'],
    ['M10 25h22v18H10z', 'red'],
    ['M14 16V7h4v9M20 16V5h4v11M26 16V9h4v7', 'straw'],
    ['M38 41V22', 'none'],
  ],
  detergent: [
    ['M18 10h10v6c6 2 8 7 8 12v12q0 3-3 3H15q-3 0-3-3V26c0-5 2-8 6-10z', 'lime'],
    ['M20 10V5h12v3h-6v2', 'green'],
    [disc(21, 31, 4), 'white'],
    [disc(28, 27, 2.5), 'white'],
  ],
  'washing-powder': [
    [packet, 'blue'],
    ['M12 15h24', 'none'],
    [disc(20, 29, 4), 'white'],
    [disc(28, 25, 3), 'white'],
    [disc(28, 33, 3), 'white'],
  ],
  soap: [
    ['M7 24q0-7 7-7h20q7 0 7 7v7q0 7-7 7H14q-7 0-7-7z', 'pink'],
    ['M14 26h20', 'none'],
    [disc(34, 11, 3), 'sky'],
    [disc(26, 8, 2), 'sky'],
  ],
  shampoo: [
    ['M15 17h18q3 0 3 3v20q0 3-3 3H15q-3 0-3-3V20q0-3 3-3z', 'violet'],
    ['M21 17v-6h6v6M24 11V5h-9v3', 'none'],
    ['M17 25h14v12H17z', 'white'],
  ],
  toothpaste: [
    ['M10 33L30 7l10 8L20 41z', 'white'],
    ['M10 33l10 8-5 4-8-6z', 'red'],
    ['M26 12l10 8-6 8-10-8z', 'sky'],
  ],
  toothbrush: [
    ['M6 36L36 12l4 5L10 41z', 'blue'],
    ['M31 8l9 11 4-3L35 5z', 'white'],
    ['M34 9l7 9M37 7l6 8', 'none'],
  ],
  towel: [
    ['M10 8h28v32H10z', 'sky'],
    ['M10 14h28M10 34h28', 'none'],
    ['M10 37h28v5H10z', 'white'],
    ['M6 8h36', 'none'],
  ],
  paper: [
    ['M6 22q0-9 9-9h20q7 0 7 9t-7 9H24v11H8V31q-2-4-2-9z', 'white'],
    [disc(15, 22, 4), 'grey'],
    ['M24 31v-8', 'none'],
  ],
  basin: [
    ['M4 18h40l-6 20q-1 3-4 3H14q-3 0-4-3z', 'red'],
    ['M4 18q20 8 40 0q-20-8-40 0z', 'sky'],
  ],
  pot: [
    ['M9 20h30v16q0 5-5 5H14q-5 0-5-5z', 'grey'],
    ['M7 20q17-12 34 0z', 'dark'],
    ['M24 12V8M9 25H3M39 25h6', 'none'],
  ],
  cup: [
    ['M10 12h24v24q0 5-5 5H15q-5 0-5-5z', 'blue'],
    ['M34 18h4q5 0 5 6t-6 6h-3', 'none'],
    ['M10 12q12 5 24 0q-12-5-24 0z', 'white'],
  ],
  thermos: [
    ['M16 15h16l2 6v19q0 3-3 3H17q-3 0-3-3V21z', 'red'],
    ['M18 6h12v9H18z', 'straw'],
    ['M34 22q7 2 7 9t-7 8', 'none'],
    ['M14 30h20', 'none'],
  ],
  bowl: [
    ['M5 22h38q-1 14-12 17v3H17v-3Q6 36 5 22z', 'white'],
    ['M5 22h38q-1 5-3 8H8q-2-3-3-8z', 'blue'],
  ],
  broom: [
    ['M38 4L22 26', 'none'],
    ['M16 24l10 7-6 13q-9-1-15-8z', 'straw'],
    ['M12 29l-2 8M17 32l-3 9M21 34l-1 9', 'none'],
  ],
  glove: [
    ['M16 44V30L9 22q-2-3 1-5t5 1l3 4V9q0-3 3-3t3 3v10V6q0-3 3-3t3 3v14V9q0-3 3-3t3 3v19q0 6-4 10v6z', 'straw'],
    ['M16 38h18', 'none'],
  ],
  shoe: [
    ['M4 22q6 3 11-2q4 8 14 10q14 1 15 9H4z', 'green'],
    ['M4 36h40v5H4z', 'white'],
    ['M18 26l4-4M23 29l3-4', 'none'],
  ],
  blanket: [
    ['M8 12h32v28H8z', 'violet'],
    ['M8 22h32M8 31h32', 'none'],
    ['M8 12q0-5 5-5h27v5z', 'pink'],
  ],
  umbrella: [
    ['M4 25Q6 7 24 7t20 18q-5-4-10 0q-5-4-10 0q-5-4-10 0q-5-4-10 0z', 'blue'],
    ['M24 25v14q0 4-4 4t-4-4M24 7V4', 'none'],
  ],
  torch: [
    ['M18 22h12v20H18z', 'dark'],
    ['M14 10h20v6l-4 6H18l-4-6z', 'grey'],
    ['M24 28v5M16 6l-2-4M24 6V2M32 6l2-4', 'none'],
  ],
  battery: [
    ['M14 11h20v32H14z', 'dark'],
    ['M20 6h8v5h-8z', 'grey'],
    ['M14 11h20v10H14z', 'straw'],
    ['M24 25v8M20 29h8', 'none'],
  ],
  notebook: [
    ['M11 6h27v36H11z', 'sky'],
    ['M11 6h6v36h-6z', 'blue'],
    ['M21 15h13M21 21h13M21 27h9', 'none'],
  ],
  pen: [
    ['M8 40l3-10L33 8l7 7-22 22z', 'blue'],
    ['M8 40l3-10 7 7z', 'cream'],
    ['M28 13l7 7', 'none'],
  ],
  schoolbag: [
    ['M9 20q0-9 9-9h12q9 0 9 9v22H9z', 'red'],
    ['M18 11q0-7 6-7t6 7', 'none'],
    ['M14 28h20v10H14z', 'straw'],
    ['M24 28v4', 'none'],
  ],
  fertilizer: [
    [sack, 'lime'],
    ['M24 37V25M24 29q-6 0-6-6q6 0 6 6M24 27q6 0 6-6q-6 0-6 6', 'green'],
    ['M17 15h14', 'none'],
  ],
  tool: [
    ['M21 20h6v23h-6z', 'brown'],
    ['M8 10h24q7 0 9 9q-5-4-9-3v4H14q-6 0-6-10z', 'grey'],
  ],
  appliance: [
    ['M11 4h26v38H11z', 'white'],
    ['M11 17h26M16 9v4M16 21v7M14 42v3M34 42v3', 'none'],
    ['M24 24h9v9h-9z', 'sky'],
  ],
  spice: [
    ['M24 42q-15-6-16-26q10 8 18 6q8-1 12 4q-2 14-14 16z', 'red'],
    ['M8 16q-2-6 4-9', 'none'],
  ],
  knife: [
    ['M6 30L34 6q6 8-4 16L14 36z', 'grey'],
    ['M6 30l8 6-4 8q-6-1-7-6z', 'brown'],
  ],
  clothes: [
    ['M16 8q8 6 16 0l10 8-6 8-4-3v21H16V21l-4 3-6-8z', 'blue'],
    ['M24 12v30', 'none'],
  ],
  candle: [
    ['M18 20h12v23H18z', 'cream'],
    ['M24 20v-4', 'none'],
    ['M24 4q6 6 0 12q-6-6 0-12z', 'straw'],
  ],
  seed: [
    ['M12 10h24v32H12z', 'lime'],
    ['M12 17h24', 'none'],
    ['M24 38v-8', 'none'],
    ['M24 30q-7 0-7-7q7 0 7 7zM24 30q7 0 7-7q-7 0-7 7z', 'green'],
  ],
  sack: [
    [sack, 'brown'],
    ['M17 15h14', 'none'],
  ],
  rope: [
    [disc(24, 24, 17), 'straw'],
    [disc(24, 24, 8), 'white'],
    ['M12 12l6 6M36 12l-6 6M12 36l6-6M36 36l-6-6M24 7v9M24 32v9', 'none'],
  ],
  needle: [
    ['M14 8h14v6h-3v14h3v6H14v-6h3V14h-3z', 'straw'],
    ['M17 17h8M17 21h8M17 25h8', 'none'],
    ['M25 18q14 2 12 12L40 44', 'none'],
  ],
  fridge: [
    ['M12 3h24v40H12z', 'sky'],
    ['M12 18h24M16 9v5M16 23v8M15 43v3M33 43v3', 'none'],
  ],
  incense: [
    ['M12 36h24l-3 8H15z', 'straw'],
    ['M18 36L16 16M24 36V14M30 36l2-20', 'none'],
    ['M16 14q-4-4 0-10M24 12q-4-4 0-9M32 14q4-4 0-10', 'none'],
  ],
  scarf: [
    ['M14 4q10 8 20 0l4 6q-14 10-28 0z', 'white'],
    ['M12 11l6 33h6L20 14z', 'white'],
    ['M36 11l-6 33h-6l4-30z', 'white'],
    ['M18 40h5M25 40h5', 'none'],
  ],
  box: [
    [carton, 'cream'],
    ['M7 16l17 8 17-8M24 24v20', 'none'],
    ['M15 12l17 8', 'none'],
  ],
  'plastic-bottle': [
    ['M19 9h10v4c0 4 6 5 6 11v16q0 4-4 4H17q-4 0-4-4V24c0-6 6-7 6-11z', 'sky'],
    ['M18 3h12v6H18z', 'blue'],
    ['M13 25h22v9H13z', 'white'],
    ['M13 39h22', 'none'],
  ],
  can: [
    ['M12 10h24v29q-12 6-24 0z', 'red'],
    ['M12 21q12 6 24 0v9q-12 6-24 0z', 'white'],
    ['M12 10q12-7 24 0q-12 7-24 0z', 'grey'],
    ['M21 9h6', 'none'],
  ],
  cardboard: [
    ['M8 20h32v23H8z', 'straw'],
    ['M8 20L2 11h15l5 9zM40 20l6-9H31l-5 9z', 'cream'],
    ['M21 20h6v10h-6z', 'brown'],
  ],
  'glass-bottle': [
    ['M21 5h6v11c0 4 6 5 6 11v13q0 4-4 4H19q-4 0-4-4V27c0-6 6-7 6-11z', 'green'],
    ['M20 2h8v5h-8z', 'straw'],
    ['M15 28h18v10H15z', 'cream'],
  ],
  'scrap-iron': [
    ['M17 20l12 7v13l-12 6-12-6V27z', 'grey'],
    [disc(17, 33, 5), 'white'],
    ['M21 5l6-3 3 6-3 2q6 5 15 24l-3 1q-8-15-15-23l-3 1z', 'grey'],
  ],
  film: [
    ['M15 22h26v19q-6-4-13 0t-13 0z', 'sky'],
    ['M6 14q0-8 6-8h25q6 0 6 8t-6 8H12q-6 0-6-8z', 'white'],
    [disc(13, 14, 3), 'grey'],
    ['M22 29v8M33 28v7', 'none'],
  ],
  'pesticide-bottle': [
    ['M18 9h12v4c6 2 9 6 9 12v15q0 4-4 4H13q-4 0-4-4V25c0-6 3-10 9-12z', 'straw'],
    ['M17 2h14v7H17z', 'red'],
    ['M24 18c10 0 10 12 4 14v4h-8v-4c-6-2-6-14 4-14z', 'white'],
    [disc(21, 26, 1.6), 'dark'],
    [disc(27, 26, 1.6), 'dark'],
    ['M14 41l20-4M14 37l20 4', 'none'],
  ],
} as const satisfies { readonly [name in PictureKey]: readonly Shape[] };
