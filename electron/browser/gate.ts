// Who may open a wire to the engine over the loopback: the one page that this host opened. Keeps no secret in clear.

import { createHash, randomBytes } from 'node:crypto';

/** Pages whose sessions are remembered: the till's own and those of a browser that was restarted. */
const sessionsMax = 8;
const tokensMax = 8;

export interface Knock {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** From the address that the host gave the page; good for one entry. */
  readonly token: string | null;
  /** From the cookie that the first entry gave the page; good until the host ends. */
  readonly session: string | null;
}

export type Entry =
  /** `accept` uses the token up and gives the new session's secret, or null where the page had one. */
  | { readonly ok: true; readonly accept: () => string | null }
  | { readonly ok: false; readonly code: 'wrong_host' | 'wrong_origin' | 'not_invited' };

/** A gate for one port. The token is in the page's address, where other users of the machine may see it: it works once. */
export function openGate(port: number): {
  invite(): string;
  enter(knock: Knock): Entry;
  /** Whether a wire would be opened for these; uses nothing up. */
  knows(secrets: Pick<Knock, 'token' | 'session'>): boolean;
} {
  const tokens = new Set<string>();
  const sessions = new Set<string>();
  const isIn = (secrets: Set<string>, secret: string | null): boolean => secret !== null && secrets.has(digest(secret));
  return {
    invite: () => remember(tokens, tokensMax),
    knows: ({ token, session }) => isIn(sessions, session) || isIn(tokens, token),
    enter({ host, origin, token, session }) {
      if (!isOurHost(port, host)) return { ok: false, code: 'wrong_host' };
      if (origin !== `http://127.0.0.1:${port}`) return { ok: false, code: 'wrong_origin' };
      if (isIn(sessions, session)) return { ok: true, accept: () => null };
      if (token === null || !isIn(tokens, token)) return { ok: false, code: 'not_invited' };
      return {
        ok: true,
        accept() {
          tokens.delete(digest(token));
          return remember(sessions, sessionsMax);
        },
      };
    },
  };
}

/** Only the literal address: a name that some DNS answers with 127.0.0.1 is a foreign page's way in. */
export function isOurHost(port: number, host: string | undefined): boolean {
  return host === `127.0.0.1:${port}`;
}

function remember(secrets: Set<string>, max: number): string {
  const secret = randomBytes(32).toString('base64url');
  secrets.add(digest(secret));
  for (const oldest of secrets) if (secrets.size > max) secrets.delete(oldest);
  return secret;
}

/** Looking up a digest tells nothing about the secret by its time. */
function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
