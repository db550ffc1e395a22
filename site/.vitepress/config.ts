import { defineConfig } from 'vitepress'
import { rewriteLinks } from './config/links.ts'
import { sidebar } from './config/pages.ts'
import { insertReadme } from './config/readme.ts'
import { BASE, REPOSITORY, ROOT } from './config/repository.ts'
import { resolveFromSite } from './config/resolve-from-site.ts'
import { slugOf } from './config/slug.ts'

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#3e63dd" stroke-width="4"><circle cx="16" cy="16" r="12"/><circle cx="16" cy="16" r="3" fill="#3e63dd"/></svg>`

export default defineConfig({
  title: 'killtarget',
  description: 'Ends exactly the process that you meant, with everything that it has started, and nothing else.',
  lang: 'en',
  base: BASE,
  cleanUrls: true,
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],

  // The pages are docs/*.md, where GitHub shows them, and the start page.
  srcDir: '..',
  srcExclude: ['*.md', '!(docs|site)/**', 'site/!(index.md)'],
  rewrites: { 'docs/:page.md': ':page.md', 'site/index.md': 'index.md' },

  markdown: {
    anchor: { slugify: slugOf },
    config: (md) => md.use(insertReadme).use(rewriteLinks),
  },

  themeConfig: {
    nav: [
      { text: 'Recipes', link: '/recipes' },
      { text: 'API', link: '/api' },
      { text: 'Command line', link: '/command' },
      { text: 'Changes', link: `${REPOSITORY}/blob/main/CHANGELOG.md` },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    editLink: { pattern: `${REPOSITORY}/edit/main/:path`, text: 'Edit this page on GitHub' },
    externalLinkIcon: true,
  },

  vite: {
    plugins: [resolveFromSite],
    // The root is the whole repository. Vite needs two folders of it.
    optimizeDeps: { entries: ['site/.vitepress/theme/index.ts'] },
    server: { watch: { ignored: ['!(docs|site|README.md)', '!(docs|site)/**'].map((path) => ROOT + path) } },
  },
})
