import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

/** Debian's chromium, which the recipes use as well. The machines of GitHub have it, too. */
const FILE = '/usr/bin/chromium'

export async function launchChromium() {
  if (!existsSync(FILE)) {
    const { aptInstall } = await import('../../scripts/apt.mjs')
    await aptInstall(['chromium'])
  }
  return chromium.launch({ executablePath: FILE })
}
