// `npm run scale`: what a technician does with a scale by hand. Picks the command, and does nothing itself.

import { decodeCommand, decodeUsage } from './decode-cli.ts';
import { listenCommand, listenUsage } from './listen-cli.ts';
import { simulateCommand, simulateUsage } from './simulate-cli.ts';

const usage = `usage: ${decodeUsage}

usage: ${listenUsage}

usage: ${simulateUsage}`;

async function main([command, ...args]: readonly string[]): Promise<number> {
  if (command === '--help' || args.includes('--help')) {
    console.log(usage);
    return 0;
  }
  switch (command) {
    case 'decode':
      return decodeCommand(args);
    case 'listen':
      return listenCommand(args);
    case 'simulate':
      return simulateCommand(args);
    default:
      console.error(usage);
      return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
