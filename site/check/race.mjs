const same = (text) => [text, text]

/** What each step shows: the text and the state of the database in both lanes, by pid and by target. */
const STEPS = [
  {
    name: 'Start',
    texts: [
      "child = spawn('server'): pid 4711 is your server. Your program keeps the pid.",
      "child = spawn('server'): pid 4711 is your server. KillTarget.fromChild(child) opens the process itself.",
    ],
    server: 'running',
    databases: same('not started'),
  },
  {
    name: 'Crash',
    texts: same('Your server crashes. It is a zombie, and keeps pid 4711.'),
    server: 'zombie',
    databases: same('not started'),
  },
  {
    name: 'Reap',
    texts: same('Node, the parent, reaps it. 4711 is free.'),
    server: 'reaped',
    databases: same('not started'),
  },
  {
    name: 'Reuse',
    texts: same('A database starts, and gets pid 4711.'),
    server: 'reaped',
    databases: same('running'),
  },
  {
    name: 'Cancel',
    texts: [
      'process.kill(4711): the database is dead.',
      "target.terminate() finds that its process is gone, and signals nothing: outcome: 'gone'. The database lives on.",
    ],
    server: 'reaped',
    databases: ['dead', 'running'],
  },
]

export const NAMES = STEPS.map(({ name }) => name)

/** The race of the start page, on a page that shows it. */
export class Race {
  #visitor
  #page
  #figure
  #lanes

  constructor(visitor, page) {
    this.#visitor = visitor
    this.#page = page
    this.#figure = page.locator('figure.race')
    this.#lanes = ['By pid', 'By target'].map((name) => this.#figure.getByRole('region', { name }))
  }

  button(name) {
    return this.#figure.getByRole('button', { name, exact: true })
  }

  press(name) {
    return this.button(name).click()
  }

  focused() {
    return this.#figure.locator('button:focus').innerText()
  }

  /** The lanes are side by side where there is room, else below each other. */
  async expectPlaces() {
    const [one, other] = await Promise.all(this.#lanes.map((lane) => lane.boundingBox()))
    this.#visitor.expect(one.y === other.y, this.#visitor.width > 800, 'whether the lanes are side by side')
  }

  /** Goes to each step. */
  async walk(how, go) {
    for (const index of NAMES.keys()) {
      await go(index)
      await this.expectStep(index, how)
    }
  }

  async expectStep(index, how) {
    const { name, texts, server, databases } = STEPS[index]
    const what = `the race, ${name}, ${how}`
    const current = this.#figure.locator('[aria-current="step"]')
    await current.filter({ hasText: name }).waitFor()
    this.#visitor.expect(await current.allInnerTexts(), [name], what)
    for (const [lane, locator] of this.#lanes.entries()) {
      this.#visitor.expect(await locator.locator('li.current').allInnerTexts(), [texts[lane]], what)
      const label = await locator.getByRole('img').getAttribute('aria-label')
      const states = `Your server: ${server}. A database: ${databases[lane]}.`
      this.#visitor.check(label.endsWith(states), `${what}: the picture is "${label}", not "${states}"`)
    }
    await this.#visitor.expectNoOverflow(this.#page, what)
  }

  /** A screen reader says nothing before the step has changed. */
  async expectAnnouncement(index) {
    const text = await this.#figure.locator('[aria-live]').innerText()
    const start = index === null ? /^$/ : new RegExp(`^Step ${index + 1} of ${STEPS.length}, ${NAMES[index]}\\. `)
    this.#visitor.check(start.test(text), `the race announces "${text}"`)
  }
}
