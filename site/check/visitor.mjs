const DEADLINE = 30_000

/** Uses the site at one width, and records what is wrong. Whatever the console or the network reports is a fault. */
export class Visitor {
  faults = []
  checks = 0
  #browser
  #server
  #where

  constructor({ browser, server, width }) {
    this.#browser = browser
    this.#server = server
    this.width = width
    this.#where = 'start'
  }

  get base() {
    return this.#server.base
  }

  get pages() {
    return this.#server.pages
  }

  /** Runs a check. If it throws, that is a fault. */
  async run(check) {
    this.#where = check.name
    await check(this).catch((error) => this.fault(error.message))
  }

  fault(message) {
    this.faults.push(`${this.#where} at ${this.width} px: ${message}`)
  }

  /** Records a fault unless the condition holds. */
  check(condition, message) {
    this.checks += 1
    if (!condition) this.fault(message)
  }

  /** Records a fault unless the values are equal. */
  expect(actual, expected, what) {
    const [is, wanted] = [actual, expected].map((value) => JSON.stringify(value))
    this.check(is === wanted, `${what}: expected ${wanted}, got ${is}`)
  }

  /** Calls `use` with a new page of a browser without any state. */
  async visit(use, options) {
    const { width } = this
    const context = await this.#browser.newContext({
      viewport: { width, height: 800 },
      colorScheme: 'light',
      ...options,
    })
    try {
      const page = await context.newPage()
      page.setDefaultTimeout(DEADLINE)
      this.#watch(page, options?.javaScriptEnabled ?? true)
      await use(page)
    } finally {
      await context.close()
    }
  }

  /** Opens a path, and waits until Vue has taken over. */
  async open(page, path) {
    this.#where = path
    await page.goto(this.#server.origin + path)
    await page.waitForFunction(() => Reflect.has(document.querySelector('#app'), '__vue_app__'))
  }

  /** Opens a path where nothing runs. */
  async openStatic(page, path) {
    this.#where = `${path} without JavaScript`
    await page.goto(this.#server.origin + path)
  }

  async expectNoOverflow(page, what) {
    const width = await page.evaluate(() => document.scrollingElement.scrollWidth)
    this.check(width <= this.width, `${what}: ${width} px wide, because of ${await page.evaluate(widest)}`)
  }

  #watch(page, runsScripts) {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.fault(`console: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.fault(`exception: ${error.message}`))
    page.on('requestfailed', (request) => {
      const { errorText } = request.failure()
      // The page fetches in advance what it links to, and the next visit cuts that off. Where nothing runs, scripts are blocked.
      const expected = runsScripts ? 'net::ERR_ABORTED' : 'csp'
      if (errorText !== expected) this.fault(`request failed (${errorText}): ${request.url()}`)
    })
    page.on('response', (response) => {
      if (response.status() >= 400) this.fault(`${response.status()}: ${response.url()}`)
    })
    page.on('request', (request) => {
      if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(this.#server.origin)) {
        this.fault(`a request to another server: ${request.url()}`)
      }
    })
  }
}

/** Describes the elements that reach over the right edge, without those that scroll inside another one. Runs in the page. */
function widest() {
  const scrolls = (element) =>
    element !== null && (getComputedStyle(element).overflowX !== 'visible' || scrolls(element.parentElement))
  return Array.from(document.querySelectorAll('#app *'))
    .filter((element) => element.getBoundingClientRect().right > innerWidth && !scrolls(element.parentElement))
    .map((element) => `${element.localName} "${element.textContent.trim().slice(0, 40)}"`)
    .slice(-3)
    .join(', ')
}
