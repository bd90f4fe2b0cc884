// `npm run scale`: what a technician does with a scale by hand. Picks the command, and does nothing itself.

import { decodeCommand, decodeUsage } from './decode-cli.ts';
import { listenCommand, listenUsage } from './listen-cli.ts';

const usage = `usage: ${decodeUsage}

usage: ${listenUsage}`;

async function main([command, ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case 'decode':
      return decodeCommand(args);
    case 'listen':
      return listenCommand(args);
    default:
      console.error(usage);
      return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
