// The committee's two commands: `committee-key` makes its key, `cosign` signs the newest root of the county's log with it. Both run on any
// machine, without the network and without the county's server: a copy of the county's `log` folder on a stick is enough.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileDurably } from '../../db/files.ts';
import { memberName, memberText } from '../../db/model/committee.ts';
import { signNote } from '../../db/model/note.ts';
import { makeCommitteeKey, parseSecretKey, parseVerifierKey } from './committee-key.ts';
import { type CosignRefusal, cosign } from './cosign.ts';

/** Where what a command says goes. */
export interface Terminal {
  readonly say: (text: string) => void;
  readonly complain: (text: string) => void;
}

export const logUsage = `       npm run county -- committee-key --out FILE [--name NAME]
       npm run county -- cosign --data DIR --key FILE
       npm run county -- committee-next --county CODE --key FILE --to PUBFILE --out FILE   the committee names its next key
`;

/** Runs the command that the words name and returns its exit code; null where they name none of these. */
export function runLogCommand(words: readonly string[], { say, complain }: Terminal): number | null {
  const [command, ...rest] = words;
  if (command !== 'committee-key' && command !== 'cosign' && command !== 'committee-next') return null;
  const options = optionsOf(rest);
  if (options !== null && command === 'committee-key' && options.out !== undefined)
    return makeKey(options.out, options.name.normalize('NFC'), { say, complain });
  if (options !== null && command === 'cosign' && options.data !== undefined && options.key !== undefined)
    return signNewest(options.data, options.key, { say, complain });
  if (options !== null && command === 'committee-next' && isWhole(options)) return nameNext(options, { say, complain });
  complain(`usage:\n${logUsage}`);
  return 2;
}

interface Naming {
  readonly county: string;
  readonly key: string;
  readonly to: string;
  readonly out: string;
}

function isWhole(options: Partial<Naming>): options is Naming {
  return options.key !== undefined && options.to !== undefined && options.out !== undefined && /^\d{6}$/.test(options.county ?? '');
}

function optionsOf(words: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args: [...words],
      options: { out: text, name: { ...text, default: 'committee' }, data: text, key: text, county: text, to: text },
    }).values;
  } catch {
    return null; // the usage says what there is
  }
}

/** The form of memberName, for people. */
export const keyNameForm = 'at most 100 letters and digits of any script, dots, dashes, underscores and slashes, without spaces and +';

const secretMode = 0o600;

function makeKey(out: string, name: string, { say, complain }: Terminal): number {
  const path = resolve(out);
  if (!memberName.test(name)) {
    complain(`${name} is no name of a key, which is ${keyNameForm}\n`);
    return 2;
  }
  if (existsSync(path) || existsSync(`${path}.pub`)) {
    complain(`${out} is there already: nothing was touched. A key that was replaced can prove nothing any more.\n`);
    return 1;
  }
  const { secret, verifier } = makeCommitteeKey(name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileDurably(path, `${secret}\n`, secretMode);
  writeFileDurably(`${path}.pub`, `${verifier}\n`);
  say(`${out} is the committee's key: keep it, and ${out}.signed that will lie beside it, on a stick that the county does not have.
${out}.pub is for everybody: the county puts it into log/committee/ of its data folder, a paper on the wall is good, too.
where shops were told a key of the name ${name} before, they go on by that one: make this one with another --name
  ${verifier}
`);
  return 0;
}

/** The word by which the key in force hands over: without it no kiosk takes another. */
function nameNext({ county, key, to, out }: Naming, { say, complain }: Terminal): number {
  const [from, next] = [
    parseSecretKey(readFileSync(resolve(key), 'utf8').trimEnd()),
    parseVerifierKey(readFileSync(resolve(to), 'utf8').trimEnd()),
  ];
  if (from === null || next === null || from.name === next.name) {
    complain(
      `nothing was signed: ${from === null ? `${key} is no key` : next === null ? `${to} is no .pub file of a key` : 'the new key has the old one’s name'}\n`,
    );
    return 1;
  }
  const member = { name: next.name, key: Buffer.from(next.publicKey).toString('base64url') };
  writeFileDurably(resolve(out), signNote(memberText(county, member), from));
  say(`${out}: ${from.name} names ${next.name} in county ${county}; the county takes it with committee --key --file\n`);
  return 0;
}

function signNewest(data: string, key: string, { say, complain }: Terminal): number {
  const done = cosign(join(resolve(data), 'log'), resolve(key));
  if (!done.ok) {
    complain(`nothing was signed: ${reasons[done.code]}\n`);
    return 1;
  }
  const { origin, size, root, checked, isNew } = done.value;
  say(`${origin}, log of ${size.toLocaleString('en')}, root ${root}
${checked} ${checked === 1 ? 'root' : 'roots'} checked, each continues the one before; ${isNew ? 'signed' : `it was signed before. No newer root lies there: ${noNewerText}`}
`);
  return 0;
}

/** What a folder cannot say, and the county's own pages do. */
const noNewerText =
  'the county makes one at night where something came, and none while a shop was not heard since its book was put back, or somebody holds another root (its page 过夜 says so)';

const reasons: Readonly<Record<CosignRefusal, string>> = {
  no_key: 'the key file is none, or was changed',
  no_memory: 'what this key signed before cannot be read (the file .signed beside it). Find its copy; never start with an empty one',
  no_roots: 'there is no root in the folder log',
  other_county_key:
    'the county signs with another key than before. Ask why, compare it on paper, and only then change the line in the file .signed beside the key',
  signature: "a root is not signed with the county's key",
  log_shorter: 'a root that this key signed is no longer there. The county put its log back from an older copy, or hides it',
  log_forked: 'the log is not the one that this key signed before: its history was changed. Keep the folder as evidence',
};
