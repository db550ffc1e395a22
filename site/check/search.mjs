const QUERY = 'pidfd'

/** The search finds a word, and leads to a page that has it, by keyboard. */
export async function checkSearch(visitor) {
  await visitor.visit(async (page) => {
    await visitor.open(page, visitor.base)
    await page.locator('#local-search button').click()
    await page.locator('#localsearch-input').fill(QUERY)
    await page.locator('.VPLocalSearchBox .result').first().waitFor()
    await visitor.expectNoOverflow(page, 'the search')
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.pathname !== visitor.base)
    const { pathname } = new URL(page.url())
    visitor.check(visitor.pages.includes(pathname), `the result ${pathname} is no page`)
    await page.locator('main', { hasText: QUERY }).waitFor()
  })
}
