// The inside of a simulated receipt printer: takes the bytes a real one takes, answers as it answers, and moves paper that
// can be looked at. Opens no link.

import type { PaperDots, Raster } from '../../db/model/receipt.ts';

export interface MechanismOptions {
  readonly dots: PaperDots;
  /** `clone`: knows no GS ( H, and takes it for text, as cheap printers do. */
  readonly model?: 'epson' | 'clone';
  /** What the printer says. */
  readonly onAnswer: (bytes: Uint8Array) => void;
  /** A piece of paper was cut or fed to where it tears. */
  readonly onStrip: (strip: Raster) => void;
  /** A row was printed. */
  readonly onRow?: () => void;
}

export interface Condition {
  readonly paper: 'ok' | 'near_end' | 'out';
  readonly coverOpen: boolean;
  readonly isOff: boolean;
  /** Says nothing, and prints all the same. */
  readonly isMute: boolean;
  /** Bytes a second; null: at once. */
  readonly bytesPerSecond: number | null;
}

export const fineCondition: Condition = { paper: 'ok', coverOpen: false, isOff: false, isMute: false, bytesPerSecond: null };

export interface PrinterMechanism {
  receive(bytes: Uint8Array): void;
  setCondition(condition: Condition): void;
  /** Bytes waiting in its buffer; a link should hold back above `receiveBufferBytes`. */
  waiting(): number;
  /** Everything printed, also what hangs out uncut; the newest 16,000 rows. */
  paper(): Raster;
  /** Pulses to the drawer, whether commanded or hidden in a picture. */
  drawerKicks(): number;
  /** Bytes that came out as text: a receipt is a picture, so there should be none. */
  strayBytes(): number;
  /** Everything in its memory is lost, as when it is switched off. */
  restart(): void;
  stop(): void;
}

/** Real ones have 4 to 64 KiB. */
export const receiveBufferBytes = 65_536;

/** Two metres of paper are kept to be looked at. */
const paperRowsMax = 16_000;

/** A slow printer works in steps of this length. */
const stepMs = 10;

/** Makes a printer that is switched on, closed and full of paper. */
export function makePrinterMechanism(options: MechanismOptions): PrinterMechanism {
  const { dots } = options;
  const widthBytes = dots / 8;
  const paper = makePaper(widthBytes);
  let condition = fineCondition;
  let buffer = Buffer.alloc(0);
  let realTime: number[] = [];
  let automatic = false;
  let picture: { readonly rowBytes: number; bytesLeft: number; row: number[] } | null = null;
  let lineBytes = 0;
  let strayBytes = 0;
  let stripStart = 0;
  let kicks = 0;

  const stands = () => condition.isOff || condition.paper === 'out' || condition.coverOpen;
  const answer = (...bytes: number[]) => {
    if (!condition.isMute && !condition.isOff) options.onAnswer(Uint8Array.from(bytes));
  };
  const answerStatus = () => {
    const end = { ok: 0, near_end: 0x03, out: 0x0f }[condition.paper];
    answer(0x10 | (stands() ? 0x08 : 0) | (condition.coverOpen ? 0x20 : 0), 0, end, 0);
  };

  /** DLE EOT, DLE ENQ and DLE DC4 are obeyed wherever they stand, in pictures too. 'clear': all before is forgotten. */
  const watchRealTime = (byte: number): 'clear' | null => {
    realTime.push(byte);
    const [first, second, third, fourth, fifth] = realTime;
    if (first !== 0x10) {
      realTime = [];
      return null;
    }
    if (second === undefined) return null;
    if (second !== 0x04 && second !== 0x05 && second !== 0x14) {
      realTime = second === 0x10 ? [0x10] : [];
      return null;
    }
    if (third === undefined || (second === 0x14 && third === 1 && fifth === undefined)) return null;
    realTime = [];
    if (second === 0x04) answerRealTime(third);
    if (second === 0x14 && third === 1 && fourth! <= 1 && isPulse(fifth!)) kicks += 1;
    return second === 0x05 && third === 2 ? 'clear' : null;
  };
  const answerRealTime = (question: number) => {
    const offline = stands() ? 0x08 : 0;
    if (question === 1) answer(0x12 | offline);
    if (question === 2) answer(0x12 | (condition.coverOpen ? 0x04 : 0) | (condition.paper === 'out' ? 0x20 : 0));
    if (question === 3) answer(0x12);
    if (question === 4) answer(0x12 | { ok: 0, near_end: 0x0c, out: 0x6c }[condition.paper]);
  };
  const clear = () => {
    buffer = Buffer.alloc(0);
    picture = null;
    lineBytes = 0;
  };

  const printRow = (row: readonly number[]) => {
    paper.add(row);
    options.onRow?.();
  };
  const feed = (rows: number) => {
    printLine();
    for (let row = 0; row < rows; row += 1) paper.add([]);
  };
  const printLine = () => {
    strayBytes += lineBytes;
    lineBytes = 0;
  };
  const endStrip = () => {
    options.onStrip({ width: dots, ...paper.since(stripStart) });
    stripStart = paper.total();
  };

  /** Obeys the command at the start of the buffer; says how many bytes it was, 0 when more must come. */
  const obey = (): number => {
    const [first, second, third, fourth] = buffer;
    if (first === 0x10) return second === undefined ? 0 : realTimeLength(buffer);
    if (first !== 0x1b && first !== 0x1d) {
      if (first === 0x0a) printLine();
      else if (first !== undefined && first >= 0x20) lineBytes += 1;
      return 1;
    }
    const length = commandLength(buffer, options.model ?? 'epson');
    if (length === 0 || buffer.length < length) return 0;
    switch (first === 0x1b ? `ESC ${second}` : `GS ${second}`) {
      case 'ESC 64': // initialise
        automatic = false;
        lineBytes = 0;
        break;
      case 'ESC 74': // feed
        feed(third!);
        endStrip();
        break;
      case 'ESC 112': // drawer
        if (third! <= 1) kicks += 1;
        break;
      case 'GS 40': // process id
        if (third === 0x48) answer(0x37, 0x22, ...buffer.subarray(7, 11), 0);
        break;
      case 'GS 73': // who are you
        answer(0x5f, ...Buffer.from(third === 0x42 ? 'SIMULATED' : `SP-${dots}`, 'latin1'), 0);
        break;
      case 'GS 86': // cut
        feed(third === 0x41 || third === 0x42 ? fourth! : 0);
        endStrip();
        break;
      case 'GS 97': // automatic status
        automatic = third !== 0;
        if (automatic) answerStatus();
        break;
      case 'GS 114': // paper sensor
        answer(condition.paper === 'near_end' ? 0x03 : 0x00);
        break;
      case 'GS 118': {
        const rowBytes = buffer[4]! + buffer[5]! * 256;
        printLine();
        picture = { rowBytes, bytesLeft: rowBytes * (buffer[6]! + buffer[7]! * 256), row: [] };
        break;
      }
      default: // margins and the like move nothing
        break;
    }
    return length;
  };

  /** Takes what has come of a picture, row by row: a standstill stops it between two rows. */
  const takePicture = (most: number): number => {
    let taken = 0;
    while (picture !== null && taken < Math.min(most, buffer.length) && !stands()) {
      picture.row.push(buffer[taken]!);
      taken += 1;
      picture.bytesLeft -= 1;
      if (picture.row.length === picture.rowBytes) {
        const { row } = picture;
        picture.row = [];
        printRow(row);
      }
      if (picture.bytesLeft <= 0) picture = null;
    }
    return taken;
  };

  const work = (most: number) => {
    let worked = 0;
    while (!stands() && buffer.length > 0 && worked < most) {
      const used = picture === null ? obey() : takePicture(most - worked);
      if (used === 0) return;
      worked += used;
      buffer = buffer.subarray(used);
    }
  };
  const workNow = () => {
    if (condition.bytesPerSecond === null) work(Number.POSITIVE_INFINITY);
  };
  const timer = setInterval(() => {
    if (condition.bytesPerSecond !== null) work((condition.bytesPerSecond * stepMs) / 1_000);
  }, stepMs);

  return {
    receive(bytes) {
      if (condition.isOff) return;
      let kept = bytes;
      for (const [at, byte] of bytes.entries()) {
        if (watchRealTime(byte) !== 'clear') continue;
        clear();
        kept = bytes.subarray(at + 1);
      }
      buffer = Buffer.concat([buffer, kept]);
      workNow();
    },
    setCondition(next) {
      const isNews = next.paper !== condition.paper || next.coverOpen !== condition.coverOpen;
      condition = next;
      if (isNews && automatic) answerStatus();
      if (!stands()) setImmediate(workNow);
    },
    waiting: () => buffer.length,
    paper: () => ({ width: dots, ...paper.since(0) }),
    drawerKicks: () => kicks,
    strayBytes: () => strayBytes,
    restart() {
      clear();
      automatic = false;
      realTime = [];
    },
    stop: () => clearInterval(timer),
  };
}

function isPulse(tenths: number): boolean {
  return tenths >= 1 && tenths <= 8;
}

/** A real-time command was obeyed when it came; here it is only passed over. */
function realTimeLength(buffer: Buffer): number {
  const length = { 0x04: 3, 0x05: 3, 0x14: 5 }[buffer[1]!] ?? 1;
  return buffer.length < length ? 0 : length;
}

/** How long the command at the start is; 0 while that cannot be known. */
function commandLength(buffer: Buffer, model: 'epson' | 'clone'): number {
  const [first, second, third] = buffer;
  if (second === undefined) return 0;
  if (first === 0x1b) return { 0x40: 2, 0x4a: 3, 0x70: 5 }[second] ?? 2;
  if (second === 0x28) return model === 'clone' ? 2 : buffer.length < 5 ? 0 : 5 + buffer[3]! + buffer[4]! * 256;
  if (second === 0x56) return third === undefined ? 0 : third === 0x41 || third === 0x42 ? 4 : 3;
  return { 0x49: 3, 0x4c: 4, 0x57: 4, 0x61: 3, 0x72: 3, 0x76: 8 }[second] ?? 2;
}

/** Rows of whole bytes, the newest `paperRowsMax` of them. */
function makePaper(widthBytes: number) {
  let rows: Uint8Array[] = [];
  let dropped = 0;
  return {
    add(bytes: readonly number[]) {
      const row = new Uint8Array(widthBytes);
      row.set(bytes.slice(0, widthBytes)); // wider pictures run off the edge
      rows.push(row);
      if (rows.length < 2 * paperRowsMax) return;
      dropped += rows.length - paperRowsMax;
      rows = rows.slice(-paperRowsMax);
    },
    /** Rows ever printed. */
    total: () => dropped + rows.length,
    /** The rows from one on, counted from the first ever printed. */
    since(row: number) {
      const kept = rows.slice(Math.max(row - dropped, rows.length - paperRowsMax, 0));
      return { height: kept.length, bits: Uint8Array.from(Buffer.concat(kept)) };
    },
  };
}
