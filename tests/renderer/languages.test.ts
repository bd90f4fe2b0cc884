import { describe, expect, test } from 'vitest';
import { goodsCategories, languages, operatorRoles } from '../../db/model/catalogue.ts';
import type { QuoteProblem } from '../../db/model/checkout.ts';
import type { PrintFailure, PrintState } from '../../db/model/receipt.ts';
import type { Allowance } from '../../db/model/spending.ts';
import type { CallErrorCode } from '../../electron/ipc/rpc.ts';
import type { DownRefusal, NoticeCode, ScaleUnheard, ScannerView, StopCode } from '../../electron/ipc/snapshot.ts';
import { commands } from '../../renderer/keyboard.ts';
import { makeTexts, texts } from '../../renderer/languages/languages.ts';
import type { RefusalCode } from '../../renderer/page.tsx';
import { ofBoth } from '../../renderer/parts/notice-line.tsx';
import type { ScaleFault } from '../../renderer/screens/simulated-scale.tsx';
import { type PrinterFault, printerFaults } from '../../renderer/screens/simulated.tsx';

/** Keys of a record over a union: a member that is missing or too many does not compile. */
function membersOf<Code extends string>(members: Record<Code, true>): Code[] {
  return Object.keys(members) as Code[]; // what the record's type says
}

/** Every text as key → sentence: `notice.card_forged.what`. */
function flat(tree: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') found.set(at, value);
    else for (const [inner, text] of flat(value as object, at)) found.set(inner, text);
  }
  return found;
}

const flatTexts = { zh: flat(texts.zh), bo: flat(texts.bo), en: flat(texts.en) };
const placeholders = (text: string): string[] => [...text.matchAll(/\{\{\w+\}\}/g)].map(([found]) => found).toSorted();

describe('texts', () => {
  test.each(['bo', 'en'] as const)('%s has the keys of zh and no others', (language) => {
    expect([...flatTexts[language].keys()].toSorted()).toEqual([...flatTexts.zh.keys()].toSorted());
  });

  test.each(languages)('%s has no empty sentence and no space at an end', (language) => {
    const bad = [...flatTexts[language]].filter(([, text]) => text === '' || text !== text.trim());
    expect(bad).toEqual([]);
  });

  test.each(['bo', 'en'] as const)('%s fills in what zh fills in', (language) => {
    const unequal = [...flatTexts.zh].filter(
      ([key, text]) => placeholders(text).join() !== placeholders(flatTexts[language].get(key)!).join(),
    );
    expect(unequal).toEqual([]);
  });

  test('Tibetan is written in Tibetan: a tsheg in each sentence of more than one syllable, no Chinese punctuation', () => {
    const isTibetan = (text: string): boolean => /[་།]/.test(text);
    expect([...flatTexts.bo].filter(([, text]) => !isTibetan(text))).toEqual([]);
    expect([...flatTexts.bo].filter(([, text]) => /[，。！？：；、“”‘’（）《》…]/.test(text))).toEqual([]);
  });

  test('English holds no Chinese punctuation, and Chinese no half-width one beside a hanzi', () => {
    expect([...flatTexts.en].filter(([, text]) => /[，。！？：；、（）]/.test(text))).toEqual([]);
    expect([...flatTexts.en].filter(([, text]) => /[‘’“”]/.test(text))).toEqual([]); // the Chinese font draws them as wide as a hanzi
    expect([...flatTexts.zh].filter(([, text]) => /[一-鿿][,.!?:;]/.test(text))).toEqual([]);
  });
});

describe('every code has its sentence and what to do', () => {
  const stops = membersOf<StopCode>({
    book_missing: true,
    book_newer: true,
    book_foreign: true,
    book_damaged: true,
    book_rolled_back: true,
    book_busy: true,
    key_missing: true,
    disk_full: true,
    disk_read_only: true,
    not_enrolled: true,
    internal: true,
  });
  const notices = membersOf<NoticeCode>({
    line_added: true,
    card_accepted: true,
    card_replaced: true,
    card_other: true,
    card_malformed: true,
    card_forged: true,
    card_foreign: true,
    card_key_unknown: true,
    card_expired: true,
    card_denied: true,
    card_unknown: true,
    card_inactive: true,
    card_ineligible: true,
    window_closed: true,
    goods_at_desk: true,
    bags_of_another: true,
    bag_rules_changed: true,
    weighing_unproven: true,
    goods_unknown: true,
    goods_withdrawn: true,
    goods_to_weigh: true,
    label_misread: true,
    label_zero: true,
    label_by_piece: true,
    label_again: true,
    receipt_scanned: true,
    receipt_malformed: true,
    receipt_forged: true,
    receipt_other_shop: true,
    receipt_lost: true,
    receipt_key_unknown: true,
    receipt_not_sale: true,
    voucher_taken: true,
    voucher_taken_other: true,
    voucher_malformed: true,
    voucher_forged: true,
    voucher_elsewhere: true,
    voucher_used: true,
    voucher_waits: true,
    voucher_unknown_account: true,
    scan_garbled: true,
    not_signed_in: true,
    no_shift: true,
    cart_full: true,
    cart_too_large: true,
    stopped: true,
  });
  const troubles = membersOf<CallErrorCode>({
    bad_call: true,
    too_large: true,
    too_many: true,
    not_allowed: true,
    failed: true,
    busy: true,
    lost: true,
    deadline: true,
  });
  const refusals = membersOf<RefusalCode>({
    draw_running: true,
    draw_offline: true,
    draw_busy: true,
    draw_nothing: true,
    draw_elsewhere: true,
    draw_late: true,
    draw_too_often: true,
    draw_unknown: true,
    draw_struck: true,
    draw_refused: true,
    draw_unheard: true,
    voucher_malformed: true,
    voucher_forged: true,
    voucher_elsewhere: true,
    voucher_used: true,
    voucher_waits: true,
    voucher_unknown_account: true,
    owner_only: true,
    sale_unknown: true,
    other_content: true,
    changed: true,
    empty: true,
    resident_needed: true,
    points_short: true,
    too_large: true,
    tendered_short: true,
    change_too_large: true,
    resident_refused: true,
    line_gone: true,
    not_weighing: true,
    too_light: true,
    sold_by_weight: true,
    offer_gone: true,
    no_such_price: true,
    points_too_many: true,
    points_too_few: true,
    no_resident: true,
    shift_open: true,
    confirm_date: true,
    job_unknown: true,
    not_asked: true,
    not_owner: true,
    self_approval: true,
    approval_void: true,
    no_scale: true,
    trial_over: true,
    not_zero: true,
    scale_tared: true,
    empty_first: true,
    known_wrong: true,
    verified_in_future: true,
    material_unknown: true,
    material_inactive: true,
    measured_otherwise: true,
    container_unknown: true,
    tare_negative: true,
    too_little: true,
    too_much: true,
    no_material: true,
    too_many_bags: true,
    other_credit: true,
    bag_seen_before: true,
    scale_simulated: true,
    scale_not_set: true,
    scale_check_due: true,
    scale_away: true,
    not_stable: true,
    overload: true,
    underload: true,
    no_desk: true,
    double_tare: true,
    tare_untold: true,
    not_by_weight: true,
    pan_not_clear: true,
    not_by_count: true,
    typed_otherwise: true,
    bag_gone: true,
    nothing_earned: true,
    material_cap: true,
    account_cap: true,
    operator_cap: true,
    kiosk_cap: true,
    credit_unknown: true,
    already_reversed: true,
    on_hand_changed: true,
    nothing_hauled: true,
    material_twice: true,
    receipt_unknown: true,
    receipt_malformed: true,
    receipt_forged: true,
    receipt_other_shop: true,
    receipt_lost: true,
    receipt_key_unknown: true,
    receipt_not_sale: true,
    receipt_before_restore: true,
    nothing_chosen: true,
    too_many: true,
    too_many_held: true,
    held_unknown: true,
    drawer_short: true,
    bad_reason: true,
    count_stale: true,
    reason_needed: true,
    held_carts: true,
    desk_open: true,
    cart_open: true,
    nothing_open: true,
    closed_ahead: true,
    nothing_to_settle: true,
    settlement_unknown: true,
    no_place: true,
    no_backup_place: true,
    upkeep_running: true,
    up_running: true,
    place_missing: true,
    place_read_only: true,
    inside_home: true,
    place_full: true,
    failed: true,
    day_unclosed: true,
  });
  const failures = membersOf<PrintFailure>({
    offline: true,
    paper_out: true,
    cover_open: true,
    cutter: true,
    overheated: true,
    error: true,
    busy: true,
    no_printer: true,
    drawing: true,
  });
  const downRefusals = membersOf<DownRefusal>({
    signature: true,
    other_kiosk: true,
    other_incarnation: true,
    gap: true,
    fork: true,
    log_forked: true,
    truncated: true,
    oversized: true,
    malformed: true,
    newer_format: true,
    out_of_balance: true,
    disk_full: true,
  });
  const problems = membersOf<QuoteProblem>({ empty: true, resident_needed: true, points_short: true, too_large: true });
  const limits = membersOf<Exclude<Allowance['limitedBy'], 'balance'>>({ 'sale-cap': true, 'day-cap': true, roaming: true, frozen: true });
  const prints = membersOf<PrintState['kind']>({
    queued: true,
    sending: true,
    sent: true,
    printed: true,
    unknown: true,
    given_up: true,
    failed: true,
  });
  const scanners = membersOf<ScannerView['state']>({ ready: true, connecting: true, lost: true, busy: true, none: true });
  const faults: readonly PrinterFault[] = printerFaults;
  const scaleFaults = membersOf<ScaleFault>({
    none: true,
    unplugged: true,
    held: true,
    silent: true,
    frozen: true,
    moving: true,
    overload: true,
    underload: true,
    garbage: true,
    wrong_parity: true,
    endless: true,
    slow: true,
    in_jin: true,
  });
  const unheard = membersOf<ScaleUnheard>({
    busy: true,
    missing: true,
    denied: true,
    ambiguous: true,
    lost: true,
    failed: true,
    bad_address: true,
  });
  const camel = (text: string): string => text.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

  const wanted = [
    ...stops.flatMap((code) => [`stopped.${code}.what`, `stopped.${code}.action`]),
    ...notices.flatMap((code) => [`notice.${code}.what`, `notice.${code}.action`]),
    ...troubles.flatMap((code) => [`trouble.${code}.what`, `trouble.${code}.action`]),
    ...refusals.flatMap((code) => [`refused.${code}.what`, `refused.${code}.action`]),
    ...ofBoth.flatMap((code) => [`refusedAtDesk.${code}.what`, `refusedAtDesk.${code}.action`]),
    ...failures.flatMap((code) => [`printing.failure_${code}.what`, `printing.failure_${code}.action`]),
    ...downRefusals.map((code) => `exchange.reason_${code}`),
    ...problems.map((code) => `till.problem_${code}`),
    ...limits.map((code) => `till.limited_${camel(code)}`),
    ...prints.map((code) => `paid.print_${code}`),
    ...scanners.map((code) => `scanner.${code}`),
    ...faults.map((code) => `simulated.fault_${code}`),
    ...scaleFaults.map((code) => `simulated.scale_${code}`),
    ...unheard.map((code) => `scaleSetup.unheard_${code}`),
    ...goodsCategories.map((code) => `till.category_${code}`),
    ...operatorRoles.map((code) => `common.role_${code}`),
    ...commands.map((code) => `help.key_${code}`),
  ];

  test.each(languages)('in %s', (language) => {
    expect(wanted.filter((key) => !flatTexts[language].has(key))).toEqual([]);
  });

  /** Two lines of the narrowest screen hold about this many letters; Tibetan letters stack. */
  test.each([
    ['zh', 50],
    ['bo', 130],
    ['en', 130],
  ] as const)('in %s within two lines', (language, lettersMax) => {
    const sentences = [...flatTexts[language]].filter(([key]) => /\.(what|action)$/.test(key));
    expect(sentences.filter(([, text]) => text.length > lettersMax)).toEqual([]);
  });
});

test('a Tibetan sentence that is missing is shown in Chinese, never in English', () => {
  const instance = makeTexts('bo');
  instance.removeResourceBundle('bo', 'connecting');
  expect(instance.t('connecting:title')).toBe(texts.zh.connecting.title);
});

test('names are not escaped: React does that', () => {
  expect(makeTexts('zh').t('signIn:enterPin', { name: '<德吉>' })).toBe('<德吉>，请输入 6 位密码');
});
