const isDark = (page) => page.evaluate(() => document.documentElement.classList.contains('dark'))
const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor)

/** The switch makes the site dark, also after a reload, and light again. */
export async function checkTheme(visitor) {
  await visitor.visit(async (page) => {
    await visitor.open(page, `${visitor.base}api`)
    visitor.expect(await isDark(page), false, 'dark at first')
    const light = await background(page)

    await toggle(page)
    visitor.expect(await isDark(page), true, 'dark after the switch')
    visitor.check((await background(page)) !== light, 'the switch does not change the background')

    await visitor.open(page, `${visitor.base}tree`)
    visitor.expect(await isDark(page), true, 'dark on the next page')
    await toggle(page)
    visitor.expect(await isDark(page), false, 'dark after the second switch')
    visitor.expect(await background(page), light, 'the background after the second switch')
  })
}

/** On a narrow screen, the switch is in the menu. */
async function toggle(page) {
  const menu = page.locator('.VPNavBarHamburger')
  if (await menu.isVisible()) await menu.click()
  await page.locator('.VPSwitchAppearance:visible').click()
}
