// What a scale says, as types: every state has its own name, so that none of them can be taken for the number 0.

/**
 * What one frame says of the pan. Grams are whole; tenths round half up. `net` is true where the scale itself has taken a
 * tare off: the program then must not take one off again.
 */
export type Reading =
  | { readonly kind: 'stable' | 'moving' | 'negative' | 'zero'; readonly grams: number; readonly net: boolean }
  | { readonly kind: 'overload' | 'underload' | 'none' };

/** A reading and the place of its frame: bytes from the start of the stream to the first byte of the frame. */
export type PlacedReading = Reading & { readonly offset: number };

/** Why bytes were not a reading. Counted, and shown to whoever commissions the scale. */
export type RejectCode =
  | 'checksum' // the check does not fit the bytes
  | 'format' // a whole frame, but not one of this family
  | 'unit' // a unit that this family does not have, or none where one must be
  | 'too_long' // no end of a frame within the longest frame
  | 'busy' // the scale says that it cannot tell now
  | 'error'; // the scale reports a fault of its own

/** Units that scales use, and 斤 (500 g), which Chinese displays are often set to. */
export type WeightUnit = 'g' | 'kg' | 'jin' | 'lb' | 't';

/** One frame, decoded. `motion` is what the scale's own flag says, `unflagged` where its protocol has none. */
export interface Frame {
  /** Bytes from the start of the stream to the first byte of the frame. */
  readonly offset: number;
  /** How many bytes it has, without the end of a line; `bytesOf` gives them. */
  readonly length: number;
  /** The frame that told the weight, where this one only says that nothing changed (mettler-8217): it belongs to the proof. */
  readonly telling?: Uint8Array;
  readonly said:
    | {
        readonly kind: 'weight';
        readonly grams: number;
        readonly net: boolean;
        readonly motion: 'stable' | 'moving' | 'unflagged';
        /** Of a family with a checksum: this frame came without. */
        readonly isUnchecked?: true;
      }
    | { readonly kind: 'overload' | 'underload' | 'none' };
}

/** What a piece of a stream held, in the order of the bytes. */
export type Decoded = Frame | { readonly offset: number; readonly rejected: RejectCode };

/** What a chunk made of a decoder, and what it told. */
export interface Step {
  readonly state: DecoderState;
  readonly decoded: readonly Decoded[];
  /** What the frames were found in, as it came, from the byte `heardFrom` of the stream on. */
  readonly heard: Uint8Array;
  readonly heardFrom: number;
}

/**
 * The bytes of a frame as they came, a copy: they are kept with every weighing. Frames do not bring them along, because most are
 * followed by a newer one before anybody asks, and making them took half of the decoders' time.
 */
export function bytesOf({ heard, heardFrom }: Step, { offset, length }: Frame): Uint8Array {
  return heard.slice(offset - heardFrom, offset - heardFrom + length);
}

/** A decoder between two chunks. Plain data of bounded size; the same bytes in other chunks give the same results. */
export interface DecoderState {
  /** Bytes of a frame that has not ended, as they came; never more than the family's longest frame. */
  readonly pending: Uint8Array;
  /** Bytes seen before the first pending one. */
  readonly offset: number;
  /**
   * `start`: what comes may be the tail of a frame, and is no fault of the line. `step`: the last byte before ended a frame.
   * `lost`: in the midst of bytes already told as rejected.
   */
  readonly place: 'start' | 'step' | 'lost';
  /** What the scale told last and may call unchanged (mettler-8217 only). Whoever missed an answer sets it to null. */
  readonly told: Told | null;
}

/** A weight that the scale told and may call unchanged. */
export interface Told {
  readonly grams: number;
  readonly net: boolean;
  /** Its frame, a copy. */
  readonly telling: Uint8Array;
  /** Its parity was seen to fit, and nothing has moved since. */
  readonly isProven: boolean;
  /** The last answer called it unchanged. */
  readonly isUnchanged: boolean;
}

export type FamilyName =
  | 'st-us'
  | 'cas-22'
  | 'kunhong'
  | 'stx-block'
  | 'yaohua-a9'
  | 'yaohua-ww'
  | 'reversed'
  | 'dahua'
  | 'mettler-8217'
  | 'mt-sics'
  | 'toledo-continuous'
  | 'nci-ecr'
  | 'ohaus';

/** One protocol: how its line is set, how it is asked, and how its bytes are read. The table of hardware.md A.1. */
export interface Family {
  readonly name: FamilyName;
  /** Makers and models as printed on the machine, for the commissioning screen. */
  readonly models: readonly string[];
  /** The maker's usual line. */
  readonly line: { readonly baudRate: number; readonly frame: '8N1' | '7E1' };
  /** A scale that streams says all by itself; a polled one is asked, one request in flight (hardware.md A.5). */
  readonly mode:
    | { readonly kind: 'stream' }
    | { readonly kind: 'poll'; readonly request: Uint8Array; readonly everyMs: number; readonly timeoutMs: number };
  /** `checksum` finds every flipped bit by itself; the others, and frames whose checksum is switched off, need two equal frames. */
  readonly check: 'checksum' | 'parity' | 'none';
  readonly hasMotionFlag: boolean;
  /**
   * Every frame says whether the scale took a tare off (hardware.md A.1). Where it does not, `net` of a reading is false and says
   * nothing.
   */
  readonly tellsNet: boolean;
  /** `frame`: every frame names its unit. Else the unit that commissioning recorded holds; this one is the maker's usual. */
  readonly unit: 'frame' | { readonly usual: WeightUnit };
  /** The unit is used only where the frame has none. */
  readonly decode: (state: DecoderState, bytes: Uint8Array, unit: WeightUnit) => Step;
}

/** Before the first byte of a link. */
export const freshDecoder: DecoderState = { pending: new Uint8Array(0), offset: 0, place: 'start', told: null };
