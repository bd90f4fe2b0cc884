// What is typed about keys: the county's take the place of one another, a kiosk's is withdrawn. Without --by NAME it is only looked at.
// Says what was done; decides nothing itself.

import { readFileSync } from 'node:fs';
import { localMinute } from '../db/model/time.ts';
import { type KeyUse, type CountyKey, countyKeys } from './book/county-keys.ts';
import type { CountyBook } from './book/county-book.ts';
import { committeeNumber, committeeTold, fileNumberPrinted, nameCommittee } from './book/committee.ts';
import { allowAgain } from './book/enrol.ts';
import { type KioskByKey, askNewKey, kiosksByKey } from './book/kiosk-keys.ts';
import { noticesTaken, withoutNotice } from './book/notices.ts';
import { atRisk, revokeKiosk } from './book/revoke.ts';
import { cardsUnder, retireKey, rotateKey } from './book/rotation.ts';
import { type Terminal, keyNameForm } from './log/commands.ts';
import { parseVerifierKey } from './log/committee-key.ts';
import { strangersAmong } from './log/published.ts';
import type { BookCommand, CommandOptions } from './serve/command.ts';

export const keyUsage = `       npm run county -- keys --data DIR
       npm run county -- rotate-file-key --data DIR --by NAME              a new key; the old one stays in force beside it
       npm run county -- rotate-card-key --data DIR --by NAME
       npm run county -- end-key --data DIR --kind file|card --number KID [--by NAME]
       npm run county -- ask-new-key --data DIR --kiosk ID --by NAME      the kiosk changes its own key by itself, when nobody is at work
       npm run county -- enrol-again --data DIR --kiosk ID [--stolen] [--by NAME]    a code for a kiosk put back from before it changed its key
       npm run county -- committee --data DIR [--key TEXT --by NAME [--file WORD|--lost]]   the committee's key (its .pub file's line) for every kiosk
       npm run county -- file-notice --data DIR --kiosk ID --number N         what is printed for a shop that refuses file N for its word on the committee
       npm run county -- notices --data DIR                                 which shops took a printed notice, and which have not
       npm run county -- revoke --data DIR --kiosk ID --text REASON [--by NAME]
`;

export const keyCommands: Readonly<Record<string, BookCommand>> = {
  keys,
  'rotate-file-key': (book, options, terminal) => rotate(book, 'file', options, terminal),
  'rotate-card-key': (book, options, terminal) => rotate(book, 'card', options, terminal),
  'end-key': endKey,
  committee,
  'file-notice': fileNotice,
  notices,
  'ask-new-key': askForKey,
  'enrol-again': enrolAgain,
  revoke,
};

async function keys(book: CountyBook, _options: CommandOptions, terminal: Terminal): Promise<number> {
  for (const use of ['file', 'card'] as const)
    for (const each of await book.read((db) => countyKeys(db, use))) terminal.say(`${use}  ${keyLine(each)}\n`);
  for (const each of await book.read(kiosksByKey)) terminal.say(`kiosk ${kioskLine(each)}\n`);
  return 0;
}

function kioskLine({ kiosk, key, since, isAsked, isRevoked }: KioskByKey): string {
  if (key === null) return `${kiosk}  not enrolled: it has no key yet`;
  const began = { first: 'since it was enrolled', older: 'older than another that it had' };
  const from = typeof since === 'number' ? `since entry ${since}` : began[since];
  return `${kiosk}  ${key}  ${from}, ${isRevoked ? 'revoked' : isAsked ? 'asked for a new one and has not made it yet' : 'not asked for a new one'}`;
}

function keyLine({ kid, key, began, ended }: CountyKey): string {
  return `${kid}  ${key}  since entry ${began}${ended === null ? '' : `, ended with ${ended}`}`;
}

async function rotate(book: CountyBook, use: KeyUse, { by }: CommandOptions, terminal: Terminal): Promise<number> {
  if (by === undefined) return askedWrongly(terminal);
  const made = await rotateKey(book, { use, by });
  if (!made.ok) {
    return refuse(terminal, rotateReasons[made.code]);
  }
  const { kid, key } = made.value;
  terminal.say(`${use} key ${kid}: ${key}
it lies in ${book.folder.keys} and nowhere else: keep a copy under lock and key
each kiosk hears of it with its next file, and goes by it from the one after; the old key stays in force until end-key
`);
  if (use === 'file') terminal.say(`an enrolment.json that is written from now on says "countyKey":"${key}"\n`);
  return 0;
}

const rotateReasons = {
  no_key: 'no kiosk was ever told a key of this use',
  no_more_numbers: 'the numbers of its keys are used up',
  too_many: 'so many keys are in force that no file bears more signatures: end one first, with end-key',
} as const;

async function endKey(book: CountyBook, { kind, number, by }: CommandOptions, terminal: Terminal): Promise<number> {
  if ((kind !== 'file' && kind !== 'card') || number === undefined || !/^\d{1,3}$/.test(number)) return askedWrongly(terminal);
  const kid = Number(number);
  if (kind === 'card') {
    const cards = await book.read((db) => cardsUnder(db, kid));
    terminal.say(`${cards} cards in force were sealed with it: from the next files on no till takes them\n`);
  }
  if (by === undefined) return onlyLooked(terminal);
  const done = await retireKey(book, { use: kind, kid, by });
  if (!done.ok) return refuse(terminal, endReasons[done.code]);
  terminal.say(`${kind} key ${kid} ends with the next files\n`);
  return 0;
}

const endReasons = {
  unknown_key: 'no such key: look with keys',
  ended: 'it was ended before',
  last_key: 'no other key would be in force: make a new one first',
} as const;

async function committee(book: CountyBook, { key, by, file, lost }: CommandOptions, terminal: Terminal): Promise<number> {
  if (key === undefined) {
    const members = (await book.read(committeeTold)) ?? [];
    if (members.length === 0) terminal.say(nobodyWatches);
    for (const each of members)
      terminal.say(`${each.name}  ${each.key}${each.notice === true ? `  by notice ${committeeNumber(book, each)}` : ''}\n`);
    for (const { file, name } of strangersAmong(members, book.folder.log))
      terminal.say(`log/committee/${file} is another key than the committee's of the name ${name}: what it signs is not taken. Remove the file;
where it is to be the committee's next key, they make one of another name (committee-key --name) and name it with committee-next\n`);
    return 0;
  }
  const parsed = parseVerifierKey(key.trim());
  if (parsed === null || (file !== undefined && lost !== undefined)) return askedWrongly(terminal);
  const isLost = lost !== undefined;
  if (isLost && (await book.read(committeeTold)) === null) return refuse(terminal, 'there is no committee that could have lost its key');
  if (by === undefined && isLost) {
    terminal.say(`only where the committee itself says that its key is lost: each shop takes this one after a person compared it with the paper
`);
    return onlyLooked(terminal);
  }
  if (by === undefined) return askedWrongly(terminal);
  const done = await nameCommittee(book, { key: parsed, word: file === undefined ? '' : readFileSync(file, 'utf8'), by, isLost });
  if (!done.ok) return refuse(terminal, committeeReasons[done.code]);
  if (isLost) {
    const member = (await book.read(committeeTold))!.at(-1)!; // just named
    terminal.say(noticeText({ what: `监督委员会丢失了密钥，新密钥名为 ${member.name}。`, number: committeeNumber(book, member) }));
    return 0;
  }
  terminal.say(
    `${parsed.name} watches from the next files on: kiosks check what it signs, and take no other that it does not name itself\n`,
  );
  return 0;
}

/** For a shop that was sent what no kiosk takes: everybody compares the number, nobody the 43 letters of a hash. */
async function fileNotice(book: CountyBook, { kiosk, number }: CommandOptions, terminal: Terminal): Promise<number> {
  if (kiosk === undefined || number === undefined || !/^\d{1,8}$/.test(number)) return askedWrongly(terminal);
  const printed = await book.read((db) => fileNumberPrinted(db, { county: book.code, kiosk, downSeq: Number(number) }));
  if (printed === null) return refuse(terminal, 'no such file');
  terminal.say(
    noticeText({
      what: `发给终端 ${kiosk} 的第 ${Number(number)} 号文件里，监督委员会的签名不是真的；可以不认签名，使用文件。`,
      number: printed,
    }),
  );
  return 0;
}

/** What the shops say of printed notices, for whoever files those: the paper's number, who compared it, when by the kiosk's clock. */
async function notices(book: CountyBook, _options: CommandOptions, { say }: Terminal): Promise<number> {
  const taken = await book.read((db) => noticesTaken(db, book.code));
  for (const { kiosk, inc, seq, at, by, about, isOurs, isInForce } of taken) {
    const place = `${kiosk}/${inc} event ${seq}`;
    if (about === null) say(`${place}  says that it took a notice, and not which: ask the shop\n`);
    else
      say(
        `${place}  ${about.text}  number ${about.number}  compared by ${by.replaceAll(/\p{C}/gu, ' ')}, ${localMinute(at)}${
          isOurs ? '' : '  THE COUNTY NEVER GAVE THIS: ask the shop who brought the paper'
        }${isInForce ? '' : '  no more in force: the kiosk was put back from before it'}\n`,
      );
  }
  if (taken.length === 0) say('no shop took a printed notice\n');
  const waiting = await book.read((db) => withoutNotice(db, book.code));
  if (waiting !== null)
    say(
      `the key ${waiting.name} of the committee is by notice; ${
        waiting.kiosks.length === 0 ? 'every kiosk took it' : `not taken yet: ${waiting.kiosks.join(', ')}`
      }\n`,
    );
  return 0;
}

/** What is put on paper, signed by people; the kiosk's own words lead to it. */
function noticeText({ what, number }: { readonly what: string; readonly number: string }): string {
  return `print this, let county and committee sign it, and give it to the shops:

  书面通知：${what}
  数字：${number}
  店里收到后，先打电话问监督委员会，再由技术员在停下的终端上照着纸上的数字输入：
  npm run kiosk -- notice --home DIR --number "数字" --by 姓名

with the shops' next files, notices says which of them took it
`;
}

const nobodyWatches = `no key of the committee is set: kiosks check no signature but the county's own
the committee makes its key, on its own machine: npm run county -- committee-key --out FILE
then type here what stands in its FILE.pub:      npm run county -- committee --data DIR --key TEXT --by NAME
`;

const committeeReasons = {
  name_form: `a name of a key is ${keyNameForm}: make the key with committee-key --name`,
  known: 'it is in force already',
  name_used: 'another key had that name: make the new one with committee-key --name',
  needs_word: 'the committee names its next key itself: committee-next with the key in force makes --file; where that key is lost: --lost',
  too_many: 'its key was changed too often',
} as const;

async function askForKey(book: CountyBook, { kiosk, by }: CommandOptions, terminal: Terminal): Promise<number> {
  if (kiosk === undefined || by === undefined) return askedWrongly(terminal);
  const asked = await askNewKey(book, { kiosk, by });
  if (!asked.ok) return refuse(terminal, kioskReasons[asked.code]);
  terminal.say(`${kiosk} hears with its next file that it shall replace ${asked.value.key}, and does so in its night; its file of then says so
`);
  return 0;
}

async function enrolAgain(book: CountyBook, { kiosk, by, stolen }: CommandOptions, terminal: Terminal): Promise<number> {
  if (kiosk === undefined) return askedWrongly(terminal);
  if (by === undefined) {
    terminal.say(`only where a backup of ${kiosk} was put back that is older than its key, and you know who did: whoever stole the old key asks the same
the machine with the newer key broke or was lost by accident: as it is. What it still sends is posted, and paid once the committee has answered for it
it was stolen, or nobody of yours changed the key: with --stolen. Nothing that its keys sign is believed once the code is used
nobody knows: revoke
`);
    return onlyLooked(terminal);
  }
  const allowed = await allowAgain(book, { kiosk, by, isStolen: stolen !== undefined });
  if (!allowed.ok) return refuse(terminal, kioskReasons[allowed.code]);
  terminal.say(`one-time code of ${kiosk}, good for 14 days: ${allowed.value.code}
there: npm run kiosk -- enrol --home DIR --code CODE${stolen === undefined ? '; then ask-new-key, since the key it goes back to was given up once' : ''}
${stolen === undefined ? 'should it turn out that the other machine was stolen: enrol-again --stolen, and the new code is typed here, too' : 'once it is typed, the shop is asked for a key that the other machine never had; whatever that machine’s keys sign is refused, and an exception tells it'}
`);
  return 0;
}

const kioskReasons = {
  unknown_kiosk: 'no such kiosk',
  revoked: 'its key is revoked: it begins anew under a new kiosk id',
  not_enrolled: 'it has no key yet',
  no_older: 'it never had another key',
} as const;

async function revoke(book: CountyBook, { kiosk, by, text }: CommandOptions, terminal: Terminal): Promise<number> {
  if (kiosk === undefined || text === undefined || text.trim() === '') return askedWrongly(terminal);
  if (by === undefined) {
    const { rights, accounts } = await book.read((db) => atRisk(db, kiosk));
    terminal.say(`${kiosk} holds ${rights / 100} points of rights and is the home of ${accounts} accounts\n`);
    return onlyLooked(terminal);
  }
  const done = await revokeKiosk(book, { kiosk, by, reason: text.trim() });
  if (!done.ok) return refuse(terminal, done.code === 'revoked' ? `${kiosk} was revoked before` : 'no such kiosk');
  const { rights, accounts } = done.value;
  terminal.say(`${kiosk} is revoked, for ever: what it sends from now on is kept and not posted, and the committee is asked
${rights / 100} points of rights lie there and stay at risk; ${accounts} accounts want another home (move-home)
the shop begins anew under a new kiosk id: kiosks set, operators add, enrol
`);
  return 0;
}

function onlyLooked({ say }: Terminal): number {
  say('give your name with --by to do it\n');
  return 0;
}

function askedWrongly({ complain }: Terminal): number {
  complain(`usage:\n${keyUsage}`);
  return 2;
}

function refuse({ complain }: Terminal, reason: string): number {
  complain(`${reason}\n`);
  return 1;
}
