// Four short sounds made in the page, no files: added, unknown, look at the screen, paid. Never the only sign of anything.

export const sounds = ['added', 'unknown', 'attention', 'done'] as const;
export type Sound = (typeof sounds)[number];

interface Tone {
  readonly hertz: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Each at most 300 ms, told apart by rhythm too: a shop is loud and some people hear no high notes. */
const tones: { readonly [name in Sound]: readonly Tone[] } = {
  added: [{ hertz: 1320, fromMs: 0, toMs: 70 }],
  unknown: [
    { hertz: 330, fromMs: 0, toMs: 110 },
    { hertz: 330, fromMs: 160, toMs: 280 },
  ],
  attention: [
    { hertz: 660, fromMs: 0, toMs: 130 },
    { hertz: 440, fromMs: 150, toMs: 300 },
  ],
  done: [
    { hertz: 784, fromMs: 0, toMs: 90 },
    { hertz: 988, fromMs: 90, toMs: 180 },
    { hertz: 1319, fromMs: 180, toMs: 300 },
  ],
};

/** Loud enough over a refrigerator, not over a person. */
const loudness = 0.18;
/** A tone that starts or ends at once clicks. */
const rampMs = 8;

let context: AudioContext | null = null;

/** Plays one of the four. Silent where the machine has no sound or the page was never touched. */
export function playSound(sound: Sound): void {
  context ??= typeof AudioContext === 'undefined' ? null : new AudioContext();
  if (context === null) return;
  if (context.state === 'suspended') void context.resume();
  const start = context.currentTime;
  for (const tone of tones[sound]) playTone(context, start, tone);
}

function playTone(context: AudioContext, start: number, { hertz, fromMs, toMs }: Tone): void {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, start + fromMs / 1000);
  gain.gain.linearRampToValueAtTime(loudness, start + (fromMs + rampMs) / 1000);
  gain.gain.setValueAtTime(loudness, start + (toMs - rampMs) / 1000);
  gain.gain.linearRampToValueAtTime(0, start + toMs / 1000);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start + fromMs / 1000);
  oscillator.stop(start + toMs / 1000);
}
