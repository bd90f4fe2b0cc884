// What a cashier can meet, as cards and barcodes to hold before the simulated scanner, each with the answer it must get.

import { type Points, points } from '../db/model/amounts.ts';
import { eanCheckDigit } from '../db/model/barcode.ts';
import { sealCard } from '../db/model/card.ts';
import type { Goods } from '../db/model/catalogue.ts';
import { assert } from '../db/model/result.ts';
import type { LabelLayout } from '../db/model/sale-label.ts';
import { allowance, noCounters } from '../db/model/spending.ts';
import { businessDate, dayMs } from '../db/model/time.ts';
import { demoKey, keyIds } from './keys.ts';
import { firstIssue, latestBalance } from './nights.ts';
import { type County, accountAt, newcomer, residentAt, roamingStores, schemeAt, standIn, strangerId, townStore } from './roster.ts';
import { lanping } from './schemes/lanping.ts';
import { qiongjie } from './schemes/qiongjie.ts';

/** What the till says of a card, in the words of its notices. */
export type CardAnswer =
  | 'card_accepted'
  | 'card_malformed'
  | 'card_forged'
  | 'card_foreign'
  | 'card_key_unknown'
  | 'card_expired'
  | 'card_denied'
  | 'card_unknown'
  | 'card_inactive'
  | 'card_ineligible';

interface Named {
  readonly zh: string;
  readonly en: string;
}

/** One card. `usable` is what may be spent with it at this kiosk after both nights; null where the card is refused. */
export interface CardSample extends Named {
  readonly key: string;
  readonly bo: string;
  readonly text: string;
  readonly resident: string | null;
  readonly expected: CardAnswer;
  readonly usable: Points | null;
}

/** One barcode, and whether the till adds a line. */
export interface GoodsSample extends Named {
  readonly bo: string | null;
  readonly text: string;
  readonly expected: 'line_added' | 'goods_withdrawn' | 'goods_unknown';
}

/** The sample cards of one kiosk. `asOf` is the county's second night, epoch ms. */
export function cardSamples(county: County, store: number, asOf: number): readonly CardSample[] {
  const { plan, seed, stores } = county;
  const cardKey = demoKey(plan.code, seed, 'card');
  const good = `${Number(businessDate(asOf).slice(0, 4)) + 3}-12-31`;
  const past = businessDate(asOf - 30 * dayMs);
  const seal = (residentId: string, issue = firstIssue, expiresOn = good): string =>
    sealCard({ kid: keyIds.card, county: plan.code, residentId, issue, expiresOn }, cardKey);
  const own = (place: number): string => residentAt(county, store, place).id;

  const accepted = (key: string, names: SampleNames, home: number, place: number, issue = firstIssue): CardSample => {
    const resident = residentAt(county, home, place).id;
    return {
      key,
      ...names,
      text: seal(resident, issue),
      resident,
      expected: 'card_accepted',
      usable: usableAt(county, store, home, place),
    };
  };
  const refused = (key: string, names: SampleNames, expected: CardAnswer, text: string, resident: string | null = null): CardSample => ({
    key,
    ...names,
    text,
    resident,
    expected,
    usable: null,
  });

  const samples: CardSample[] = [
    accepted('top', names('积分很多的居民', 'སྐར་གྲངས་མང་པོ', 'A resident with many points'), store, standIn.top),
    accepted('elder', names('老人', 'རྒན་པ', 'An elder'), store, standIn.elder),
    accepted('half', names('有半分的居民', 'སྐར་ཕྱེད་ཡོད་པ', 'A resident with half a point'), store, standIn.half),
    accepted('poor', names('积分很少的居民', 'སྐར་གྲངས་ཉུང་ཉུང', 'A resident with three points'), store, standIn.poor),
    accepted('awarded', names('昨天加了分', 'ཁ་སང་སྐར་གྲངས་བསྣན་པ', 'Awarded points yesterday'), store, standIn.awarded),
    accepted('reissued', names('补办的新卡', 'བྱང་བུ་གསར་པ', 'A card that replaces a lost one'), store, standIn.reissued, firstIssue + 1),
    refused(
      'denied',
      names('已挂失的旧卡', 'བོར་བརླག་བྱུང་བའི་བྱང་བུ', 'The lost card it replaced'),
      'card_denied',
      seal(own(standIn.reissued)),
      own(standIn.reissued),
    ),
    refused(
      'lost',
      names('昨天挂失的卡', 'ཁ་སང་བོར་བའི་བྱང་བུ', 'Reported lost yesterday'),
      'card_denied',
      seal(own(standIn.lost)),
      own(standIn.lost),
    ),
    refused(
      'expired',
      names('过期的卡', 'དུས་ཡོལ་བའི་བྱང་བུ', 'Expired a month ago'),
      'card_expired',
      seal(own(standIn.expired), firstIssue, past),
      own(standIn.expired),
    ),
    refused(
      'inactive',
      names('已停用的居民', 'མཚམས་བཞག་པའི་མི', 'A resident no longer active'),
      'card_inactive',
      seal(own(standIn.inactive)),
      own(standIn.inactive),
    ),
    refused(
      'forged',
      names('伪造的卡', 'བྱང་བུ་རྫུན་མ', 'A forged card'),
      'card_forged',
      forgedCard(county, own(standIn.top), good),
      own(standIn.top),
    ),
    refused('foreign', names('外县的卡', 'རྫོང་གཞན་གྱི་བྱང་བུ', 'A card of another county'), 'card_foreign', foreignCard(county, good)),
    refused(
      'retired',
      names('旧密钥签发的卡', 'ལྡེ་མིག་རྙིང་པའི་བྱང་བུ', 'Signed with a key since retired'),
      'card_key_unknown',
      retiredCard(county, own(standIn.poor), good),
      own(standIn.poor),
    ),
    refused(
      'unknown',
      names('名册上没有的人', 'མིང་ཐོར་མེད་པའི་མི', 'Genuine, but of nobody on the roster'),
      'card_unknown',
      seal(strangerId(plan)),
    ),
    refused(
      'torn',
      names('没扫全的卡', 'ཆ་མི་ཚང་བའི་བྱང་བུ', 'Only part of a card was read'),
      'card_malformed',
      seal(own(standIn.top)).slice(0, 100),
    ),
    newcomerCard(county, store, seal),
  ];
  if (plan.scheme.groups.some((group) => !group.mayRedeem))
    samples.push(
      refused(
        'cadre',
        names('机关干部', 'ལས་བྱེད་པ', 'A cadre, who takes no part'),
        'card_ineligible',
        seal(own(standIn.cadre)),
        own(standIn.cadre),
      ),
    );
  if (stores > 1)
    samples.push(
      accepted('visitor', names('邻村的居民', 'གྲོང་ཚོ་གཞན་གྱི་མི', 'From the next village: roaming'), (store + 1) % stores, standIn.visitor),
    );
  const far = (store + 2) % stores;
  if (far !== store && !roamingStores(stores, far).includes(store))
    samples.push(accepted('far', names('远村的居民', 'གྲོང་ཚོ་ཐག་རིང་གི་མི', 'From far away: no allowance here'), far, standIn.visitor));
  return samples;
}

/** Barcodes a shop's shelf offers, and two it must refuse. Only goods of the catalogue are offered. */
export function goodsSamples(goods: readonly Goods[], labels: readonly LabelLayout[]): readonly GoodsSample[] {
  const offered = shownGoods.flatMap(({ zh, en }): GoodsSample[] => {
    const found = goods.find((each) => each.zh === zh);
    if (found === undefined) return [];
    const text = found.codes[0];
    assert(text !== undefined, `${zh} has a barcode`);
    return [{ zh: `${zh} ${found.size}`, bo: found.bo, en, text, expected: found.onSale ? 'line_added' : 'goods_withdrawn' }];
  });
  return [
    ...offered,
    ...labelSamples(goods, labels),
    { zh: '没有登记的条码', bo: null, en: 'A barcode nobody registered', text: unknownCode(), expected: 'goods_unknown' },
  ];
}

/** A bag of every kind of loose goods that is told apart, each with a label of one of the county's layouts. */
function labelSamples(goods: readonly Goods[], labels: readonly LabelLayout[]): readonly GoodsSample[] {
  const loose = goods.filter((each) => each.soldBy === 'weight');
  return labels.flatMap((layout, i): GoodsSample[] => {
    const bag = loose[i % Math.max(1, loose.length)];
    if (bag === undefined) return [];
    const number = bag.codes.find((code) => code.startsWith(layout.prefix));
    assert(number !== undefined, `${bag.zh} has a number on labels with prefix ${layout.prefix}`);
    const digits = number + String(layout.embeds === 'grams' ? 1_250 : 9_60).padStart(layout.valueDigits, '0');
    const said = layout.embeds === 'grams' ? '1.250 kg' : '¥9.60';
    const names = { zh: `${bag.zh} ${bag.size} ${said}`, bo: bag.bo, en: `Loose goods, label of ${said}` };
    return [{ ...names, text: digits + eanCheckDigit(digits), expected: 'line_added' }];
  });
}

interface SampleNames extends Named {
  readonly bo: string;
}

function names(zh: string, bo: string, en: string): SampleNames {
  return { zh, bo, en };
}

const shownGoods: readonly Named[] = [
  { zh: '洗洁精', en: 'Detergent (dearer since yesterday)' },
  { zh: '大米', en: 'Rice' },
  { zh: '清油', en: 'Rapeseed oil' },
  { zh: '酥油', en: 'Butter' },
  { zh: '糌粑', en: 'Tsampa' },
  { zh: '砖茶', en: 'Brick tea' },
  { zh: '洗衣粉', en: 'Washing powder' },
  { zh: '毛巾', en: 'Towel (yuan or points)' },
  { zh: '作业本', en: 'Exercise book' },
  { zh: '文明实践纪念杯', en: 'Souvenir cup (points only)' },
  { zh: '冰柜', en: 'Freezer (dear)' },
  { zh: '香烟', en: 'Cigarettes (no points)' },
  { zh: '塑料袋', en: 'Plastic bags (withdrawn)' },
];

/** Prefix 28 is never given out by make-goods. */
function unknownCode(): string {
  const digits = '280000000001';
  return digits + eanCheckDigit(digits);
}

function usableAt(county: County, store: number, home: number, place: number): Points {
  const { plan, stores } = county;
  const balance = latestBalance(county, accountAt(county, home, place));
  return usable(county, store, balance, home === store, roamingStores(stores, home).includes(store) ? plan.roamCap : points(0));
}

/** The till's own rule, on the day of the second night with nothing spent. */
function usable(county: County, store: number, balance: Points, isHome: boolean, roamCap: Points): Points {
  return allowance({
    scheme: schemeAt(county.plan, store),
    counters: { ...noCounters, granted: isHome ? balance : points(0) },
    county: { balance, asOf: 0, spentHereSince: points(0), creditedHereSince: 0 },
    roamCap,
    kioskRoaming: points(0),
    daysSinceDown: 0,
    spentToday: points(0),
  }).usable;
}

function newcomerCard(county: County, store: number, seal: (residentId: string) => string): CardSample {
  const { resident, account } = newcomer(county);
  const roams = roamingStores(county.stores, townStore).includes(store);
  return {
    key: 'newcomer',
    ...names('昨天新登记的居民', 'ཁ་སང་ཐོ་འགོད་བྱས་པ', 'Registered yesterday, in the town'),
    text: seal(resident.id),
    resident: resident.id,
    expected: 'card_accepted',
    usable: usable(county, store, latestBalance(county, account), store === townStore, roams ? county.plan.roamCap : points(0)),
  };
}

function forgedCard({ plan, seed }: County, residentId: string, expiresOn: string): string {
  return sealCard({ kid: keyIds.card, county: plan.code, residentId, issue: firstIssue, expiresOn }, demoKey(plan.code, seed, 'forger'));
}

function retiredCard({ plan, seed }: County, residentId: string, expiresOn: string): string {
  return sealCard(
    { kid: keyIds.cardRetired, county: plan.code, residentId, issue: firstIssue, expiresOn },
    demoKey(plan.code, seed, 'cardRetired'),
  );
}

function foreignCard({ plan, seed }: County, expiresOn: string): string {
  const other = plan.code === qiongjie.code ? lanping : qiongjie;
  const card = { kid: keyIds.card, county: other.code, residentId: `${other.code}00000001`, issue: firstIssue, expiresOn };
  return sealCard(card, demoKey(other.code, seed, 'card'));
}
