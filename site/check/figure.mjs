import { NAMES, Race } from './race.mjs'

/** Goes through the race of the start page by each of the ways that it has. */
export async function checkFigure(visitor) {
  await visitor.visit((page) => byPointer(visitor, page))
  await visitor.visit((page) => byKeyboard(visitor, page))
  await visitor.visit((page) => byPlay(visitor, page))
  await visitor.visit((page) => withReducedMotion(visitor, page), { reducedMotion: 'reduce' })
}

async function byPointer(visitor, page) {
  await visitor.open(page, visitor.base)
  const race = new Race(visitor, page)
  await race.expectPlaces()
  await race.expectStep(0, 'at first')
  await race.expectAnnouncement(null)
  await race.walk('by its button', (index) => race.press(NAMES[index]))
  await race.expectAnnouncement(4)
  await race.press('Again')
  await race.walk('by Next', (index) => (index === 0 ? null : race.press('Next')))
}

async function byKeyboard(visitor, page) {
  await visitor.open(page, visitor.base)
  const race = new Race(visitor, page)
  await race.button('Start').focus()
  await race.walk('by arrow keys', (index) => (index === 0 ? null : page.keyboard.press('ArrowRight')))
  await page.keyboard.press('ArrowLeft')
  await race.expectStep(3, 'by the left arrow')
  await page.keyboard.press('End')
  await race.expectStep(4, 'by End')
  visitor.expect(await race.focused(), 'Cancel', 'the button with the focus after End')
  await page.keyboard.press('Home')
  await race.expectStep(0, 'by Home')
  for (const [index, name] of NAMES.entries()) {
    visitor.expect(await race.focused(), name, 'the button with the focus')
    await page.keyboard.press(index % 2 === 0 ? 'Enter' : 'Space')
    await race.expectStep(index, 'by Enter or the space bar')
    await page.keyboard.press('Tab')
  }
}

/** The clock of the page is set forward: nothing waits. */
async function byPlay(visitor, page) {
  await page.clock.install()
  await visitor.open(page, visitor.base)
  const race = new Race(visitor, page)
  await race.press('Play')
  await page.clock.runFor(4500)
  await race.expectStep(2, 'played for a while')
  await race.press('Pause')
  await page.clock.runFor(60_000)
  await race.expectStep(2, 'paused')
  await race.press('Play')
  await page.clock.runFor(60_000)
  await race.expectStep(4, 'played to the end')
  await race.press('Play')
  await race.expectStep(0, 'played anew')
}

async function withReducedMotion(visitor, page) {
  await visitor.open(page, visitor.base)
  const durations = await page
    .locator('figure.race svg *')
    .evaluateAll((elements) => elements.map((element) => getComputedStyle(element).transitionDuration))
  visitor.expect([...new Set(durations)], ['0s'], 'the durations of transitions with reduced motion')
}
