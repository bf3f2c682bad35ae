import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const USUAL_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

// Nothing that a page does not ask for: no sandbox, for tests run as root too; no service of the browser's own.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** A browser without a window and with a profile of its own. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: FLAGS });
}

function chromiumPath(): string {
  const given = process.env.CHROMIUM_PATH;
  const path = given ?? USUAL_PATHS.find((usual) => existsSync(usual));
  if (path === undefined || !existsSync(path)) {
    throw new Error(
      `no Chromium at ${given ?? USUAL_PATHS.join(' or ')}: install it (apt-get install chromium), or set CHROMIUM_PATH`,
    );
  }
  return path;
}
