/** Opens each page. Its title, its width and all its links must be right. */
export async function checkPages(visitor) {
  const anchors = new Map()
  const links = []
  await visitor.visit(async (page) => {
    for (const path of visitor.pages) {
      await visitor.open(page, path)
      const found = await page.evaluate(contents)
      anchors.set(path, new Set(found.ids))
      links.push(...found.links.map((href) => ({ from: path, href })))
      visitor.check(
        /^[^|]+ \| killtarget$/.test(found.title),
        `the title "${found.title}" does not name the page and the site`,
      )
      visitor.expect(found.headings, 1, 'headings of level 1')
      await visitor.expectNoOverflow(page, 'the page')
    }
  })
  // At least the sidebar of each page.
  visitor.check(links.length > (visitor.pages.length - 1) ** 2, `only ${links.length} links`)
  for (const { from, href } of links)
    visitor.check(leadsTo(anchors, href), `${from} links to ${href}, which does not exist`)
}

/** Runs in the page. */
function contents() {
  const { origin } = location
  const heading = document.querySelector('h1')?.innerText.replaceAll('\u200B', '').trim() ?? ''
  return {
    title: document.title,
    headings: heading === '' ? 0 : document.querySelectorAll('h1').length,
    ids: Array.from(document.querySelectorAll('[id]'), ({ id }) => id),
    links: Array.from(document.querySelectorAll('a[href]'), ({ href }) => href)
      .filter((href) => href.startsWith(origin))
      .map((href) => href.slice(origin.length)),
  }
}

function leadsTo(anchors, href) {
  const [path, anchor = ''] = href.split('#')
  const ids = anchors.get(path)
  return ids !== undefined && (anchor === '' || ids.has(decodeURIComponent(anchor)))
}
