// npm test: opens each page of the built site in Chromium, and uses it. Prints each fault, and fails if there is one.
import { checkFigure } from './check/figure.mjs'
import { checkPages } from './check/pages.mjs'
import { checkSearch } from './check/search.mjs'
import { checkTheme } from './check/theme.mjs'
import { launchChromium } from './check/chromium.mjs'
import { serve } from './check/server.mjs'
import { checkWithoutJavaScript } from './check/without-javascript.mjs'
import { Visitor } from './check/visitor.mjs'

const WIDTHS = [360, 1280]

const started = performance.now()
const server = await serve()
const browser = await launchChromium()
const faults = []
let checks = 0
try {
  for (const width of WIDTHS) {
    for (const check of [checkPages, checkTheme, checkSearch, checkFigure, checkWithoutJavaScript]) {
      const visitor = new Visitor({ browser, server, width })
      await visitor.run(check)
      checks += visitor.checks
      faults.push(...visitor.faults)
    }
  }
} finally {
  await browser.close()
  server.close()
}

for (const fault of new Set(faults)) console.error(fault)
const seconds = ((performance.now() - started) / 1000).toFixed(1)
console.log(`${server.pages.length} pages, ${checks} checks, ${faults.length} faults, ${seconds} s`)
process.exitCode = faults.length === 0 ? 0 : 1
