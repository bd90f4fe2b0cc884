// What to do when the page crashes or hangs, and when the graphics card does. Counts only; reloads nothing.

const crashWindowMs = 5 * 60_000;
const crashesMax = 3;

/** After a crash of the page at `nowMs`: reload it, or show the safe page when it is the third in five minutes (S31). */
export function afterCrash(
  crashesAt: readonly number[],
  nowMs: number,
): { readonly crashesAt: readonly number[]; readonly show: 'till' | 'safe' } {
  const recent = [...crashesAt.filter((at) => nowMs - at < crashWindowMs), nowMs];
  return { crashesAt: recent, show: recent.length >= crashesMax ? 'safe' : 'till' };
}

/** How often main looks, and how often the page says that it lives. */
export const heartbeatMs = 2_000;
/** Five looks without a word: ten seconds. Looks are counted, not time, so that a PC that slept is no hang. */
const missedMax = 5;
/** A slow PC takes twenty seconds to open the page the first time. */
export const missedWhileLoading = -5;

/** One look at the page: how many in a row were missed, and whether the page hangs. */
export function look(missed: number, heard: boolean): { readonly missed: number; readonly hangs: boolean } {
  const next = heard ? 0 : missed + 1;
  return { missed: next, hangs: next >= missedMax };
}

/** Whether to give up hardware acceleration from the next start: two crashes of the graphics process (security.md 4). */
export function isGpuTrouble(gpuCrashes: number): boolean {
  return gpuCrashes >= 2;
}
