import suite from './ava.config.mjs'

/** The tests of what is published, which take other tools than the suite. `npm run packages` packs it first. */
export default { ...suite, files: ['__test__/package/**/*.spec.ts'] }
