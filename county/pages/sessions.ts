// Who is signed in to the clerk's pages: kept in memory, named by a random token in a cookie, ended by time. A restart signs everybody out.

import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { previewAwards } from '../book/awards.ts';
import type { Progress } from '../book/slices.ts';
import type { Clerk } from './clerks.ts';

export interface Session {
  readonly clerk: Clerk;
  /** What the clerk's standing was at the sign-in (clerks.ts). */
  readonly standing: string | null;
  /** Stands in every form of this session and in no other page. */
  readonly formToken: string;
  /** Shown on the next page, once. */
  notice: { readonly isGood: boolean; readonly text: string } | null;
  /** What was typed into a form that was refused: its fields have it on the next page, once. */
  typed: { readonly act: string; readonly fields: Readonly<Record<string, string>> } | null;
  /** A list that was looked at and not sent on yet: its bytes wait here for the press of a button. */
  draft: Draft | null;
}

export type Draft =
  | { readonly kind: 'payments'; readonly name: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'awards';
      readonly name: string;
      readonly bytes: Uint8Array;
      /** What it would do: of a long list it takes a while to know. */
      readonly seen: ReturnType<typeof previewAwards>;
      /** Until it is known: how far that is. */
      progress: Progress | null;
    };

export interface Sessions {
  /** Returns the token for the cookie. */
  begin(clerk: Clerk, standing: string | null): string;
  /** The session of a token, kept awake by being asked for; null where it ended. */
  find(token: string | null): Session | null;
  end(token: string): void;
}

/** A page left open over lunch is signed out; a day's work is not signed in overnight. */
const idleMs = 20 * 60_000;
const wholeMs = 12 * 60 * 60_000;
/** A county's office has a handful of people. */
const sessionsMax = 200;
const tokenBytes = 32;

export function newSessions(monoMs: () => number): Sessions {
  const sessions = new Map<string, { readonly session: Session; readonly begunMs: number; seenMs: number }>();
  const dropEnded = (): void => {
    const now = monoMs();
    for (const [key, { begunMs, seenMs }] of sessions) if (now - seenMs > idleMs || now - begunMs > wholeMs) sessions.delete(key);
  };
  return {
    begin(clerk, standing) {
      dropEnded();
      const [eldest] = sessions.keys();
      if (eldest !== undefined && sessions.size >= sessionsMax) sessions.delete(eldest);
      const token = randomBytes(tokenBytes).toString('base64url');
      const formToken = randomBytes(tokenBytes).toString('base64url');
      const session: Session = { clerk, standing, formToken, notice: null, typed: null, draft: null };
      sessions.set(keyOf(token), { session, begunMs: monoMs(), seenMs: monoMs() });
      return token;
    },
    find(token) {
      if (token === null) return null;
      dropEnded();
      const found = sessions.get(keyOf(token));
      if (found === undefined) return null;
      found.seenMs = monoMs();
      return found.session;
    },
    end: (token) => void sessions.delete(keyOf(token)),
  };
}

/** Whether a form came from a page of this session. */
export function isFormOf(session: Session, token: string | undefined): boolean {
  const [given, ours] = [Buffer.from(token ?? ''), Buffer.from(session.formToken)];
  return given.length === ours.length && timingSafeEqual(given, ours);
}

/** Looked up by its hash: how long a look takes says nothing of the token. */
function keyOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
