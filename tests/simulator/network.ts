// The way between kiosks and county: real bytes that are lost, cut short, changed, sent twice and come weeks late, as faults and chance
// say. Reads no book and decides nothing of what it carries.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Upload } from '../../county/book/intake.ts';
import type { Draws } from '../../county/draws.ts';
import type { Home } from '../../db/home.ts';
import { parseAck } from '../../db/model/ack.ts';
import type { Verdict } from '../../db/model/up-file.ts';
import { type UpFile, fileNumber, readUpText, upFilePath } from '../../db/up-files.ts';
import { type CountyLine, SendError } from '../../electron/engine/send.ts';
import { type County, type UpName, ackOf, downPart, putData, putNotes } from './county.ts';
import type { Asked } from './kiosk.ts';
import type { Random } from './random.ts';
import { noteText } from '../../db/model/note.ts';

/** How likely each misfortune is, for every request. */
export interface Weather {
  readonly lose: number;
  readonly truncate: number;
  readonly flip: number;
  /** A copy of what was sent comes again days later. */
  readonly repeat: number;
  /** A stick is filled, and carried for up to thirty days. */
  readonly stick: number;
}

export const calm: Weather = { lose: 0, truncate: 0, flip: 0, repeat: 0, stick: 0 };

export interface Network {
  /** What a kiosk speaks to now. */
  lineOf(kiosk: string): CountyLine;
  /** A till asks for rights over the network; null where it hears nothing. */
  draw(asked: Asked): Promise<Awaited<ReturnType<Draws['ask']>> | null>;
  /** Files of a kiosk that a person carries: they come to the county, and the county's to the kiosk's inbox, on a later day. */
  fillStick(home: Home, kiosk: string, files: readonly UpFile[]): Promise<void>;
  /** Brings what is due today, in any order. */
  deliver(today: number): Promise<void>;
  /** Weather from now on. */
  setWeather(weather: Weather): void;
  /** Drops what is still under way: it comes never. */
  forget(): void;
  readonly verdicts: Map<Verdict, number>;
  /** Files that the county answered it has, each content once: posted, or waiting for one before it. */
  readonly kept: Map<string, KeptFile>;
  readonly injected: Map<string, number>;
}

export interface KeptFile extends UpName {
  readonly sha256: string;
}

interface Letter {
  readonly day: number;
  readonly bring: () => Promise<void>;
}

/** Answers by which the county says that it keeps the file. */
const hasIt: readonly Verdict[] = ['ACCEPTED', 'DUPLICATE', 'GAP'];

/** Longest way of a copy or a stick. */
const lateDaysMax = 30;

export function network(of: {
  /** Asks the county's server; rejects with SendError where it fails or is down. */
  readonly ask: <Value>(request: (county: County) => Promise<Value>) => Promise<Value>;
  readonly random: Random;
  readonly today: () => number;
  readonly weather: Weather;
  readonly say: (line: string) => void;
  /** Where copies of files lie that are under way. */
  readonly post: string;
  /** What the county took in is looked at. */
  readonly afterIntake: () => Promise<void>;
}): Network {
  const { random } = of;
  const letters: Letter[] = [];
  const verdicts = new Map<Verdict, number>();
  const kept = new Map<string, KeptFile>();
  const injected = new Map<string, number>();
  let { weather } = of;
  let copies = 0;

  const happens = (what: keyof Weather): boolean => {
    if (!random.chance(weather[what])) return false;
    injected.set(what, (injected.get(what) ?? 0) + 1);
    return true;
  };
  const asked = async <Value>(request: (county: County) => Promise<Value>): Promise<Value> => {
    if (happens('lose')) throw new SendError('unreachable', 'lost on its way');
    const answer = await of.ask(request);
    if (happens('lose')) throw new SendError('timeout', 'the answer was lost');
    return answer;
  };
  const flipped = (bytes: Buffer): Buffer => {
    if (bytes.length === 0 || !happens('flip')) return bytes;
    const other = Buffer.from(bytes);
    const at = random.below(other.length);
    other[at] = other[at]! ^ (1 << random.below(8)); // within its length
    return other;
  };
  const changed = (text: string): string => flipped(Buffer.from(text)).toString('utf8');
  const heard = (note: string): string => {
    const ack = parseAck(noteText(note));
    if (ack.ok && ack.value.detail !== '')
      of.say(`answer ${ack.value.kiosk} ${ack.value.inc}/${ack.value.fileSeq}: ${ack.value.verdict} ${ack.value.detail}`);
    if (!ack.ok) return note;
    const { kiosk, inc, fileSeq, sha256, verdict } = ack.value;
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    if (hasIt.includes(verdict)) kept.set(`${kiosk}/${inc}/${fileSeq} ${sha256}`, { kiosk, inc, fileSeq, sha256 });
    return note;
  };
  /** A file for a kiosk as the county has it; nulls where there is none, or the county is down. */
  const parts = async (kiosk: string, n: number): Promise<readonly [Buffer | null, Buffer | null]> => {
    try {
      return await of.ask(
        async (county) => [await downPart(county, kiosk, n, 'jsonl.gz'), await downPart(county, kiosk, n, 'note')] as const,
      );
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      return [null, null];
    }
  };
  const later = (bring: () => Promise<void>): void => {
    letters.push({ day: of.today() + random.between(1, lateDaysMax), bring });
  };
  const copied = (from: string): string => {
    mkdirSync(of.post, { recursive: true });
    const path = join(of.post, `${(copies += 1)}.jsonl.gz`);
    copyFileSync(from, path);
    return path;
  };
  const bringUp =
    (kiosk: string, { inc, fileSeq }: Pick<UpFile, 'inc' | 'fileSeq'>, parts: Omit<Upload, 'kiosk' | 'inc' | 'fileSeq'>) =>
    async (): Promise<void> => {
      try {
        heard((await of.ask((county) => county.takeIn({ kiosk, inc, fileSeq, ...parts }))).note);
      } catch (error) {
        if (!(error instanceof SendError)) throw error; // the county was down: whoever carried it has carried it for nothing
      }
      rmSync(parts.data, { force: true }); // a copy of its own
      await of.afterIntake();
    };

  return {
    verdicts,
    kept,
    injected,
    setWeather(next) {
      weather = next;
    },
    forget() {
      letters.length = 0;
    },
    lineOf: (kiosk) => ({
      ackOf: async (file) => {
        const note = await asked((county) => ackOf(county, { kiosk, ...file }));
        return note === null ? null : changed(note);
      },
      downNote: async (downSeq) => {
        const note = await asked((county) => downPart(county, kiosk, downSeq, 'note'));
        return note === null ? null : changed(note.toString('utf8'));
      },
      async downData(downSeq, path) {
        const data = await asked((county) => downPart(county, kiosk, downSeq, 'jsonl.gz'));
        if (data === null) throw new SendError('refused', '404');
        if (happens('truncate')) {
          writeFileSync(path, data.subarray(0, random.below(data.length)));
          throw new SendError('broken_off', 'half a file');
        }
        writeFileSync(path, flipped(data));
      },
      async upload(file, { dataPath, checkpoint, note }) {
        const bytes = readFileSync(dataPath);
        const name = { kiosk, ...file };
        if (happens('repeat')) later(bringUp(kiosk, file, { data: copied(dataPath), checkpoint, note }));
        const has = await asked((county) => Promise.resolve(county.uploads.offset(name)));
        const offset = has > bytes.length ? 0 : has; // as send.ts does

        if (offset < bytes.length) {
          const rest = flipped(bytes.subarray(offset));
          const isCut = happens('truncate');
          const put = await asked((county) =>
            putData(county, name, offset, bytes.length, isCut ? rest.subarray(0, random.below(rest.length)) : rest),
          );
          if (isCut || typeof put === 'string') throw new SendError('broken_off', String(put));
        }
        const answer = await asked(async (county) => {
          const said = await putNotes(county, name, { checkpoint: changed(checkpoint), note: changed(note) });
          if (said !== null) heard(said);
          await of.afterIntake();
          return said;
        });
        if (answer === null) throw new SendError('refused', '409');
        return changed(answer);
      },
      close: () => {},
    }),
    async draw(question) {
      try {
        return await asked((county) => county.draws.ask(question));
      } catch (error) {
        if (!(error instanceof SendError)) throw error;
        return null;
      } finally {
        await of.afterIntake();
      }
    },
    async fillStick(home, kiosk, files) {
      if (!happens('stick')) return;
      for (const file of files) {
        const data = upFilePath(home, file, 'jsonl.gz');
        if (!existsSync(data) || !existsSync(upFilePath(home, file, 'note'))) continue;
        const parts = { data: copied(data), note: readUpText(home, file, 'note'), checkpoint: readUpText(home, file, 'checkpoint') };
        later(bringUp(kiosk, file, parts));
      }
      const due = random.between(1, lateDaysMax) + of.today();
      for (let n = 1; ; n += 1) {
        const [data, note] = await parts(kiosk, n);
        if (data === null || note === null) return;
        const bring = (): Promise<void> => {
          writeFileSync(join(home.inbox, `${fileNumber(n)}.jsonl.gz`), data);
          writeFileSync(join(home.inbox, `${fileNumber(n)}.note`), note);
          return Promise.resolve();
        };
        letters.push({ day: due, bring });
      }
    },
    async deliver(today) {
      const due = letters.filter(({ day }) => day <= today);
      for (const letter of due) letters.splice(letters.indexOf(letter), 1);
      while (due.length > 0) await due.splice(random.below(due.length), 1)[0]!.bring(); // within its length
    },
  };
}
