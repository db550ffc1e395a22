/** Node's options to run TypeScript without a build. Every program that starts Node on TypeScript passes these. */
export const typescript = ['--no-warnings', '--import', new URL('register.mjs', import.meta.url).href]
