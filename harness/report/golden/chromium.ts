import { existsSync } from 'node:fs';

/** Where Debian puts it; another is named by LABRYS_CHROMIUM. */
export const executablePath: string = process.env['LABRYS_CHROMIUM'] ?? '/usr/bin/chromium';
export const noChromium = !existsSync(executablePath);
/** Goes behind a suite's title: the reason where it is skipped. */
export const unlessChromium: string = noChromium
  ? ' (skipped: no Chromium; LABRYS_CHROMIUM may name one)'
  : '';
