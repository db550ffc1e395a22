/** The race can be read without JavaScript: all of its steps, and its outcome as a picture. */
export async function checkWithoutJavaScript(visitor) {
  await visitor.visit(
    async (page) => {
      await visitor.openStatic(page, visitor.base)
      const figure = page.locator('figure.race')
      const text = await figure.innerText()
      for (const part of ['Your server crashes.', '4711 is free.', 'the database is dead', "outcome: 'gone'"]) {
        visitor.check(text.includes(part), `the race does not say "${part}"`)
      }
      const labels = await figure.locator('svg').evaluateAll((pictures) => pictures.map((each) => each.ariaLabel))
      visitor.expect(
        labels.map((label) => label.split(': ').at(-1)),
        ['dead.', 'running.'],
        'the database in the pictures',
      )
      visitor.expect(await figure.getByRole('button').count(), 0, 'buttons that do nothing')
      await visitor.expectNoOverflow(page, 'the page')
    },
    { javaScriptEnabled: false },
  )
}
