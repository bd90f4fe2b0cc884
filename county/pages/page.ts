// What a page of the clerk is, and what its forms may do: the shapes that county/pages share. Knows no page.

import type { CountyBook } from '../book/county-book.ts';
import type { Presence } from '../server/presence.ts';
import type { DemoNight } from '../serve/demo-night.ts';
import type { ClerkDeed, ClerkRole } from './clerks.ts';
import type { Html } from './html.ts';
import type { Session } from './sessions.ts';

/** What all pages read and act on. */
export interface Desk {
  readonly book: CountyBook;
  readonly presence: Presence;
  /** Of a demo's county: its night at the press of a button. */
  readonly demoNight: DemoNight | null;
  /** When the next night is due, epoch ms. */
  readonly nextNight: () => number;
  readonly monoMs: () => number;
}

export interface Visit {
  readonly session: Session;
  readonly query: URLSearchParams;
}

export interface View {
  readonly title: string;
  readonly body: Html;
  /** The page asks for itself again: only where something goes on by itself. */
  readonly refreshSeconds?: number;
}

/** A page in the row at the top. */
export interface Page {
  readonly path: string;
  readonly name: string;
  readonly show: (desk: Desk, visit: Visit) => Promise<View>;
}

/** What a form sent: its fields, and of an upload the file's name and bytes. */
export interface Form {
  text(name: string): string;
  file(name: string): Promise<{ readonly name: string; readonly bytes: Uint8Array } | null>;
  /** All that was typed, for the next page to have it again; of a file its name. */
  typed(): Readonly<Record<string, string>>;
}

/** Where to go then, and what to say there; what was done is written down with the name of who did it. */
export interface Done {
  readonly to: string;
  readonly isGood: boolean;
  readonly text: string;
  readonly deed?: { readonly what: ClerkDeed; readonly about: string };
}

export interface Act {
  readonly path: string;
  /** Who may; the book has its own say besides. */
  readonly roles: readonly ClerkRole[];
  readonly run: (desk: Desk, visit: Visit, form: Form) => Promise<Done>;
}
